/**
 * What the tasks do at the broker: {@linkcode openBrokerSession} connects, {@linkcode DeadLetterQueue} takes the dead letters one
 * by one and gives back what is not removed, in the same order; {@linkcode readDeadLetter} says why each is there;
 * {@linkcode requeue} sends them again and then removes them; {@linkcode QueueCounter} counts the emails of one sender.
 *
 * @module
 */
export { type BrokerSession, connectToNode, openBrokerSession } from "./broker_session.ts";
export { type DeadLetter, documentIn, readDeadLetter } from "./dead_letter.ts";
export { DeadLetterQueue } from "./dead_letter_queue.ts";
export { QueueCounter } from "./queue_counter.ts";
export { requeue } from "./requeue.ts";

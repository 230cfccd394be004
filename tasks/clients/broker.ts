/**
 * What the tasks do at the broker beside the services: {@linkcode openBrokerSession} connects, {@linkcode DeadLetterQueue} takes the
 * dead letters one by one and gives back what is not removed, in the same order; {@linkcode readDeadLetter} says why each is there;
 * {@linkcode createRequeue} sends one on its way again and removes it only then; {@linkcode QueueCounter} counts the emails of one sender.
 *
 * @module
 */
export * from "./broker_session.ts";
export * from "./dead_letter.ts";
export * from "./dead_letter_queue.ts";
export * from "./queue_counter.ts";
export * from "./requeue.ts";

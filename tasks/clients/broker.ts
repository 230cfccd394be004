/**
 * What the tasks do at the broker: {@linkcode openBrokerSession} connects, {@linkcode readDeadLetter} says why an email is a dead
 * letter, {@linkcode openQueueCounter} counts the emails of one sender. Dead letters are taken and sent again by the message server's
 * own code, `@playground/server/dead-letters`.
 *
 * @module
 */
export { type BrokerSession, openBrokerSession } from "./broker_session.ts";
export { type DeadLetter, documentIn, readDeadLetter } from "./dead_letter.ts";
export { openQueueCounter, type QueueCounter } from "./queue_counter.ts";

/**
 * Looks after the emails that could not be sent.
 *
 * A {@linkcode BrokerSession} leads to the broker; {@linkcode DeadLetterQueue} takes the messages one by one and gives back what
 * is not removed, in the same order; {@linkcode readDeadLetter} tells why each is there. {@linkcode createRequeue} sends one on its
 * way again and removes it only then. `main.ts` is the command.
 *
 * @module
 */
export * from "./broker_session.ts";
export * from "./dead_letter.ts";
export * from "./dead_letter_queue.ts";
export * from "./drop.ts";
export * from "./find.ts";
export * from "./requeue.ts";

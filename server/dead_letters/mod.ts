/**
 * The emails that could not be sent: looked at, sent again and dropped at the broker, by the message server and by
 * `deno task dead-letters`.
 *
 * {@linkcode DeadLetterQueue} takes dead letters one by one and gives back what is not removed, in the same order;
 * {@linkcode requeue} sends them again and then removes them, {@linkcode drop} only removes them; {@linkcode DeadLetters} does both
 * for the message server, by the ids of emails.
 *
 * @module
 */
export * from "./dead_letter_queue.ts";
export * from "./dead_letters.ts";
export { requeue } from "./requeue.ts";

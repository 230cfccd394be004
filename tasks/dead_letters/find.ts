import type { GetMessage } from "amqplib";
import { emailIdOf } from "./dead_letter.ts";
import type { DeadLetterQueue } from "./dead_letter_queue.ts";

/** Looks for the dead letter of an email; if the email died several times, for the oldest one. */
export async function findDeadLetter(
  queue: DeadLetterQueue,
  id: string,
  onProgress: (count: number) => void = () => {},
  signal?: AbortSignal,
): Promise<GetMessage | undefined> {
  const wanted = id.toLowerCase();
  let count = 0;
  for await (const message of queue.messages(signal)) {
    if (await emailIdOf(message) === wanted) return message;
    onProgress(++count);
  }
  return undefined;
}

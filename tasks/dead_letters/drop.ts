import type { DeadLetterQueue } from "./dead_letter_queue.ts";

/**
 * Removes all dead letters that are there at the start, for good.
 *
 * @param queue Where they are.
 * @param onProgress Called with the count so far.
 * @param signal Ends it early.
 * @returns How many were removed.
 */
export async function dropAll(
  queue: DeadLetterQueue,
  onProgress: (count: number) => void = () => {},
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  for await (const message of queue.messages(signal)) {
    queue.remove(message);
    onProgress(++count);
  }
  return count;
}

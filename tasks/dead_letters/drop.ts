import type { DeadLetterQueue } from "./dead_letter_queue.ts";

/** Removes all dead letters that are there at the start, for good. */
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

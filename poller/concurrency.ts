/**
 * Does some work for each item, several at once, in the order of the items.
 *
 * @param items The items.
 * @param concurrency How many at once.
 * @param work The work for one item. If it throws, no further item is started and the exception goes on.
 */
export async function forEachConcurrently<Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  // All workers take from one iterator, so that each item is taken once.
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}

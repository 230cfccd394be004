/** Does some work for each item, several at once, in the order of the items. */
export async function forEachConcurrently<Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  // All workers take from one iterator, so that each item is taken once. A worker that throws closes it for all.
  const queue = each(items);
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, worker);
  await Promise.allSettled(workers);
  await Promise.all(workers);
}

/** A generator, since the iterator of a list cannot be closed. */
function* each<Item>(items: readonly Item[]): Generator<Item, void> {
  yield* items;
}

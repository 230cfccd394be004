import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { forEachConcurrently } from "./concurrency.ts";

Deno.test("forEachConcurrently() does the work once for each item, in their order", async () => {
  const done: number[] = [];
  await forEachConcurrently([1, 2, 3, 4, 5], 2, (item) => {
    done.push(item);
    return Promise.resolve();
  });
  deepEqual(done, [1, 2, 3, 4, 5]);
});

for (const concurrency of [1, 3, 10]) {
  Deno.test(`forEachConcurrently() has at most ${concurrency} at once, and so many if there are`, async () => {
    let running = 0;
    let most = 0;
    await forEachConcurrently(Array.from({ length: 7 }), concurrency, async () => {
      most = Math.max(most, ++running);
      await setImmediate();
      running--;
    });
    equal(most, Math.min(concurrency, 7));
    equal(running, 0);
  });
}

Deno.test("forEachConcurrently() goes on with the next item as soon as one is done", async () => {
  const slow = Promise.withResolvers<void>();
  const started: number[] = [];
  const all = forEachConcurrently([1, 2, 3, 4], 2, async (item) => {
    started.push(item);
    if (item === 1) await slow.promise;
  });
  await setImmediate();
  deepEqual(started, [1, 2, 3, 4]);
  slow.resolve();
  await all;
});

Deno.test("forEachConcurrently() starts nothing more when the work threw, and waits for what it started", async () => {
  const slow = Promise.withResolvers<void>();
  const started: number[] = [];
  let finished = false;
  const all = forEachConcurrently([1, 2, 3, 4], 2, async (item) => {
    started.push(item);
    if (item === 1) throw new TypeError("a bug");
    await slow.promise;
    finished = true;
  });
  const rejected = rejects(all, TypeError).then(() => ok(finished));
  await setImmediate();
  slow.resolve();
  await rejected;
  deepEqual(started, [1, 2]);
});

Deno.test("forEachConcurrently() has nothing to do without items", async () => {
  await forEachConcurrently([], 4, () => Promise.reject(new Error("called")));
});

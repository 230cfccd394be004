import assert from "node:assert/strict";
import { deserialize, serialize } from "bson";
import { Cursors } from "./cursors.ts";
import type { Work } from "./work.ts";

const FIVE = [1, 2, 3, 4, 5].map((n) => serialize({ n }));
const NAMESPACE = "db.c";

interface Batch {
  readonly id: bigint;
  readonly size: number;
}

/** Runs work to its end at once. */
function batchOf(work: Work<Uint8Array>): Batch {
  let step = work.next();
  while (!step.done) step = work.next();
  const { cursor } = deserialize(step.value, { useBigInt64: true });
  return { id: cursor.id, size: (cursor.firstBatch ?? cursor.nextBatch).length };
}

function open(
  cursors: Cursors,
  batchSize: number,
  documents: readonly Uint8Array[] = FIVE,
  isSingleBatch = false,
): Batch {
  return batchOf(cursors.open({
    namespace: NAMESPACE,
    source: documents.values(),
    batchSize,
    isSingleBatch,
    budget: { leftMs: Infinity },
  }));
}

function more(cursors: Cursors, id: bigint, batchSize?: number): Batch {
  return batchOf(cursors.more(cursors.get(id, NAMESPACE), batchSize));
}

Deno.test("Cursors gives all documents and closes the cursor at its end", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const first = open(cursors, 2);
  const second = more(cursors, first.id, 2);
  const third = more(cursors, first.id);
  assert.deepEqual([first, second, third].map(({ size }) => size), [2, 2, 1]);
  assert.equal(third.id, 0n);
  assert.throws(() => cursors.get(first.id, NAMESPACE), { code: 43 });
});

Deno.test("Cursors leaves no cursor open that has nothing left", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  assert.equal(open(cursors, 5).id, 0n);
  assert.equal(open(cursors, 1, FIVE, true).id, 0n);
});

Deno.test("Cursors cuts a batch at 16 MB, but never to nothing", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const large = Array.from({ length: 3 }, () => serialize({ text: "x".repeat(9_000_000) }));
  const first = open(cursors, 100, large);
  assert.deepEqual([first.size, more(cursors, first.id).size], [1, 1]);
});

Deno.test("Cursors closes the one idle longest when there are too many", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 2 });
  const [oldest, used, newest] = Array.from({ length: 3 }, () => open(cursors, 1).id);
  assert.throws(() => cursors.get(oldest ?? 0n, NAMESPACE), { code: 43 });
  assert.equal(cursors.kill(used ?? 0n), true);
  assert.equal(cursors.kill(newest ?? 0n), true);
});

Deno.test("Cursors closes what has been idle for its limit", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const { id } = open(cursors, 1);
  cursors.closeIdle(Date.now());
  more(cursors, id, 1);
  cursors.closeIdle(Date.now() + 1000);
  assert.throws(() => cursors.get(id, NAMESPACE), { code: 43 });
});

Deno.test("Cursors refuses to read a cursor as another collection's", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const { id } = open(cursors, 1);
  assert.throws(() => cursors.get(id, "db.other"), { code: 13 });
});

import assert from "node:assert/strict";
import { Cursors } from "./cursors.ts";

const FIVE = [1, 2, 3, 4, 5].map((n) => Uint8Array.of(n));

Deno.test("Cursors gives all documents and closes the cursor at its end", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const first = cursors.open("db.c", FIVE.values(), 2);
  const second = cursors.getMore(first.cursorId, "db.c", 2);
  const third = cursors.getMore(first.cursorId, "db.c", undefined);
  assert.deepEqual([first, second, third].map(({ documents }) => documents.length), [2, 2, 1]);
  assert.equal(third.cursorId, 0n);
  assert.throws(() => cursors.getMore(first.cursorId, "db.c", 1), { code: 43 });
});

Deno.test("Cursors leaves no cursor open that has nothing left", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  assert.equal(cursors.open("db.c", FIVE.values(), 5).cursorId, 0n);
  assert.equal(cursors.open("db.c", FIVE.values(), 1, true).cursorId, 0n);
});

Deno.test("Cursors cuts a batch at 16 MB, but never to nothing", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const large = Array.from({ length: 3 }, () => new Uint8Array(9_000_000));
  const batch = cursors.open("db.c", large.values(), 100);
  assert.equal(batch.documents.length, 1);
  assert.equal(cursors.getMore(batch.cursorId, "db.c", undefined).documents.length, 1);
});

Deno.test("Cursors closes the one idle longest when there are too many", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 2 });
  const [oldest, used, newest] = Array.from(
    { length: 3 },
    () => cursors.open("db.c", FIVE.values(), 1).cursorId,
  );
  assert.throws(() => cursors.getMore(oldest ?? 0n, "db.c", 1), { code: 43 });
  assert.equal(cursors.kill(used ?? 0n), true);
  assert.equal(cursors.kill(newest ?? 0n), true);
});

Deno.test("Cursors closes what has been idle for its limit", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const { cursorId } = cursors.open("db.c", FIVE.values(), 1);
  cursors.closeIdle(Date.now());
  cursors.getMore(cursorId, "db.c", 1);
  cursors.closeIdle(Date.now() + 1000);
  assert.throws(() => cursors.getMore(cursorId, "db.c", 1), { code: 43 });
});

Deno.test("Cursors refuses to read a cursor as another collection's", () => {
  const cursors = new Cursors({ idleMs: 1000, count: 10 });
  const { cursorId } = cursors.open("db.c", FIVE.values(), 1);
  assert.throws(() => cursors.getMore(cursorId, "db.other", 1), { code: 13 });
});

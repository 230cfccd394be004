import assert from "node:assert/strict";
import { deserialize, serialize } from "bson";
import { Cursors } from "./cursors.ts";
import type { Work } from "./work.ts";

const NAMESPACE = "db.c";

function idOf(work: Work<Uint8Array>): bigint {
  let step = work.next();
  while (!step.done) step = work.next();
  return deserialize(step.value, { useBigInt64: true }).cursor.id;
}

/** The id of a cursor that is not at its end. */
function open(cursors: Cursors): bigint {
  const source = [1, 2, 3].map((n) => serialize({ n })).values();
  return idOf(
    cursors.open({ namespace: NAMESPACE, source, batchSize: 1, budget: { leftMs: Infinity } }),
  );
}

Deno.test("Cursors closes the one idle longest when there are too many", () => {
  const cursors = new Cursors(1000, 2);
  const [oldest = 0n, used = 0n] = [1, 2, 3].map(() => open(cursors));
  assert.throws(() => cursors.get(oldest, NAMESPACE), { code: 43 });
  assert.equal(cursors.kill(used), true);
});

Deno.test("Cursors gives nobody a cursor that was idle for its limit, or is another collection's", () => {
  const cursors = new Cursors(1000, 10);
  const id = open(cursors);
  assert.throws(() => cursors.get(id, "db.other"), { code: 43 });
  assert.equal(idOf(cursors.more(cursors.get(id, NAMESPACE), 1)), id);
  const hasty = new Cursors(0, 10);
  assert.throws(() => hasty.get(open(hasty), NAMESPACE), { code: 43 });
});

import assert from "node:assert/strict";
import { toValue } from "./bson.ts";
import { Store } from "./store.ts";

function insert(store: Store, name: string, ...ids: readonly number[]): void {
  for (const id of ids) store.ensure("db", name).insert(new Map([["_id", toValue(id)]]));
}

Deno.test("Store.drop() frees the name at once, and lets nobody take what is left for all", () => {
  using store = new Store(undefined);
  insert(store, "c", 1, 2, 3);
  const dropped = store.ensure("db", "c");
  const positions = dropped.positions(undefined);
  const dropping = store.drop(dropped);
  dropping.next();
  assert.deepEqual([store.find("db", "c"), store.databaseNames()], [undefined, []]);
  assert.equal(dropped.count(), 2);
  assert.throws(() => [...positions].map((position) => dropped.read(position)), { code: 175 });
  insert(store, "c", 1);
  while (!dropping.next().done);
  assert.deepEqual([dropped.count(), store.find("db", "c")?.count()], [0, 1]);
});

import assert from "node:assert/strict";
import { fieldsFrom } from "../bson/testing.ts";
import type { Work } from "../work.ts";
import { Store } from "./store.ts";

function insert(store: Store, name: string, ...ids: readonly number[]): void {
  for (const _id of ids) store.ensure("db", name).insert(fieldsFrom({ _id }));
}

function finish(work: Work<void>): void {
  while (!work.next().done);
}

Deno.test("Store.drop() frees the name at once and deletes the documents bit by bit", () => {
  using store = new Store(undefined);
  insert(store, "c", 1, 2, 3);
  const dropped = store.collectionsOf("db").get("c");
  const dropping = store.drop("db", "c");
  dropping.next();
  assert.deepEqual([...store.collectionsOf("db").keys()], []);
  assert.equal(dropped?.count(), 2);
  insert(store, "c", 1);
  finish(dropping);
  assert.deepEqual([dropped?.count(), store.collectionsOf("db").get("c")?.count()], [0, 1]);
});

Deno.test("Store.transaction() forgets a collection whose making was undone", () => {
  using store = new Store(undefined);
  insert(store, "kept", 1);
  assert.throws(() =>
    store.transaction(() => {
      insert(store, "undone", 1);
      throw new Error("undo");
    })
  );
  assert.deepEqual([...store.collectionsOf("db").keys()], ["kept"]);
  insert(store, "undone", 1);
  assert.equal(store.collectionsOf("db").get("undone")?.count(), 1);
});

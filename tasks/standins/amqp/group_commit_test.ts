import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { GroupCommit } from "./group_commit.ts";

/** A group commit over a table of unique numbers. */
function setUp() {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE number (value INTEGER PRIMARY KEY)");
  const failures: unknown[] = [];
  return {
    commit: new GroupCommit(database, (error) => failures.push(error)),
    insert: database.prepare("INSERT INTO number VALUES (?)"),
    failures,
    isInTransaction: () => database.isTransaction,
    [Symbol.dispose]: () => database.close(),
  };
}

Deno.test("GroupCommit flushes once, after the commit of everything in the turn", async () => {
  using store = setUp();
  const { commit, insert } = store;
  const events: string[] = [];
  const output = { flush: () => events.push(store.isInTransaction() ? "too early" : "flushed") };
  commit.write(insert, 1);
  commit.afterCommit(output);
  commit.write(insert, 2);
  commit.afterCommit(output);
  assert.equal(store.isInTransaction(), true);
  assert.deepEqual(events, []);
  await setImmediate();
  assert.deepEqual(events, ["flushed"]);
});

Deno.test("GroupCommit reports the first failure and flushes nothing from then on", async () => {
  using store = setUp();
  const { commit, insert, failures } = store;
  let count = 0;
  commit.afterCommit({ flush: () => count++ });
  for (const value of [1, 1, 1]) commit.write(insert, value);
  await setImmediate();
  assert.equal(failures.length, 1);
  assert.match(String(failures[0]), /UNIQUE/);
  assert.equal(count, 0);
});

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { GroupCommit } from "./group_commit.ts";

Deno.test("GroupCommit flushes once, after the commit of everything in the turn", async () => {
  using database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE number (value INTEGER)");
  const insert = database.prepare("INSERT INTO number VALUES (?)");
  const commit = new GroupCommit(database, assert.ifError);
  const events: string[] = [];
  const flush = () => void events.push(database.isTransaction ? "too early" : "flushed");
  commit.write(insert, 1);
  commit.afterCommit(flush);
  commit.write(insert, 2);
  commit.afterCommit(flush);
  assert.equal(database.isTransaction, true);
  assert.deepEqual(events, []);
  await setImmediate();
  assert.deepEqual(events, ["flushed"]);
});

import assert from "node:assert/strict";
import { threadMs } from "@playground/shared/testing";
import { matchesTopic } from "./exchanges.ts";

Deno.test("matchesTopic() takes no exponential time for many #", () => {
  const pattern = [...Array.from({ length: 60 }, () => ["#", "a"]).flat(), "b"];
  const key = Array.from({ length: 127 }, () => "a");
  const startMs = threadMs();
  assert.equal(matchesTopic(pattern, key), false);
  assert.ok(threadMs() - startMs < 1_000);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesTopic } from "./exchanges.ts";

/** The definition, word for word; exponential, so only for short patterns. */
function matchesByDefinition(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return key.length === 0;
  if (first === "#") {
    return matchesByDefinition(rest, key) ||
      (key.length > 0 && matchesByDefinition(pattern, key.slice(1)));
  }
  return key.length > 0 && (first === "*" || first === key[0]) &&
    matchesByDefinition(rest, key.slice(1));
}

const pattern = fc.array(fc.constantFrom("a", "b", "", "*", "#"), { maxLength: 6 });
const key = fc.array(fc.constantFrom("a", "b", ""), { maxLength: 8 });

Deno.test("matchesTopic() agrees with the definition of * and #", () => {
  fc.assert(
    fc.property(pattern, key, (pattern, key) => {
      assert.equal(matchesTopic(pattern, key), matchesByDefinition(pattern, key));
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("matchesTopic() takes no exponential time for many #", () => {
  const pattern = [...Array.from({ length: 60 }, () => ["#", "a"]).flat(), "b"];
  const key = Array.from({ length: 127 }, () => "a");
  const startMs = performance.now();
  assert.equal(matchesTopic(pattern, key), false);
  assert.ok(performance.now() - startMs < 1_000);
});

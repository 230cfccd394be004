import assert from "node:assert/strict";
import { Binary, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import fc from "fast-check";
import { compare, isEqual } from "./compare.ts";
import { equalityKey } from "./equality_key.ts";

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.integer({ min: -3, max: 3 }).map((number) => new Int32(number)),
    fc.integer({ min: -3, max: 3 }).map((number) => Long.fromNumber(number)),
    fc.constantFrom(0, -0, 0.5, 2, NaN, Infinity, 2 ** 63, 2 ** 53).map((n) => new Double(n)),
    fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n)).map((n) => Long.fromBigInt(n)),
    fc.constantFrom(null, "", "a", "ab", true, false, new Date(0), new Date(1)),
    fc.constantFrom(new MinKey(), new MaxKey(), new Timestamp({ t: 1, i: 2 })),
    fc.uint8Array({ maxLength: 2 }).map((bytes) => new Binary(bytes)),
    fc.constantFrom("0", "f").map((digit) => new ObjectId(digit.repeat(24))),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "constructor"), tie("value"), {
      noNullPrototype: true,
    }),
  ),
}));

Deno.test("compare() is a total order", () => {
  fc.assert(fc.property(value, value, value, (a, b, c) => {
    assert.equal(Math.sign(compare(a, b)), -Math.sign(compare(b, a)) + 0);
    if (compare(a, b) <= 0 && compare(b, c) <= 0) assert.ok(compare(a, c) <= 0);
  }));
});

Deno.test("compare() orders types as the MongoDB manual does", () => {
  const ordered = [
    new MinKey(),
    null,
    new Int32(1),
    "text",
    { a: 1 },
    [new Int32(1)],
    new Binary(new Uint8Array(1)),
    new ObjectId(),
    false,
    new Date(0),
    new Timestamp({ t: 1, i: 1 }),
    new MaxKey(),
  ];
  assert.deepEqual([...ordered].reverse().sort(compare), ordered);
});

Deno.test("compare() tells longs apart that a double cannot", () => {
  assert.ok(compare(Long.fromBigInt(2n ** 53n), Long.fromBigInt(2n ** 53n + 1n)) < 0);
  assert.ok(compare(new Double(2 ** 53), Long.fromBigInt(2n ** 53n + 1n)) < 0);
  assert.ok(isEqual(new Int32(1), new Double(1)));
});

Deno.test("equalityKey() is equal exactly for equal values", () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const hasSameKey = equalityKey(a).join() === equalityKey(b).join();
      assert.equal(hasSameKey, isEqual(a, b));
    }),
    { numRuns: 1000 },
  );
});

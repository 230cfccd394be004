import assert from "node:assert/strict";
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from "bson";
import fc from "fast-check";
import { compare, equalityKey, isEqual } from "./order.ts";
import { valueFrom } from "./testing.ts";

const { value: sent } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.integer({ min: -3, max: 3 }).map((number) => new Int32(number)),
    fc.integer({ min: -3, max: 3 }).map((number) => Long.fromNumber(number)),
    fc.constantFrom(0, -0, 0.5, 2, NaN, Infinity, 2 ** 63, 2 ** 53).map((n) => new Double(n)),
    fc.constantFrom("1.0", "0.5", "5E-1", "NaN", "-Infinity", "1E30", "0.1", "9007199254740993")
      .map((text) => Decimal128.fromString(text)),
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

const value = sent.map(valueFrom);

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
  const values = ordered.map(valueFrom);
  assert.deepEqual(values.toReversed().sort(compare), values);
});

Deno.test("compare() tells numbers apart that a double cannot", () => {
  const ascending = [
    new Double(NaN),
    Decimal128.fromString("-1E-6000"),
    Long.fromBigInt(2n ** 53n),
    Decimal128.fromString("9007199254740992.5"),
    Long.fromBigInt(2n ** 53n + 1n),
    Decimal128.fromString("1E6000"),
    new Double(Infinity),
  ].map(valueFrom);
  assert.deepEqual(ascending.toReversed().sort(compare), ascending);
  // The double that is written 0.1 is a little more than a tenth.
  assert.ok(compare(valueFrom(new Double(0.1)), valueFrom(Decimal128.fromString("0.1"))) > 0);
  assert.ok(isEqual(valueFrom(new Int32(1)), valueFrom(Decimal128.fromString("1.00"))));
});

Deno.test("compare() orders texts by their bytes, and dates of all times", () => {
  assert.ok(compare(valueFrom("\uffff"), valueFrom("\u{10000}")) < 0);
  const dates = [new Date(-8.64e15), new Date(-1), new Date(0), new Date("9999-12-31")];
  assert.deepEqual(
    dates.toReversed().map(valueFrom).sort(compare),
    dates.map(valueFrom),
  );
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

import assert from "node:assert/strict";
import {
  Binary,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from "bson";
import fc from "fast-check";
import { fieldsOf, NULL, type Value } from "./bson.ts";
import { compare, equalityKey, isEqual } from "./order.ts";

/** A value as a driver sends it. */
function valueFrom(value: unknown): Value {
  return fieldsOf(serialize({ value })).get("value") ?? NULL;
}

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

Deno.test("compare() distinguishes numbers that a double cannot", () => {
  const ascending = [
    Decimal128.fromString("-1E-6000"),
    // The double that is written 0.1 is a little more than a tenth.
    Decimal128.fromString("0.1"),
    new Double(0.1),
    Long.fromBigInt(2n ** 53n),
    Decimal128.fromString("9007199254740992.5"),
    Decimal128.fromString("1E6000"),
    new Double(Infinity),
  ].map(valueFrom);
  assert.deepEqual(ascending.toReversed().sort(compare), ascending);
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

import { Buffer } from "node:buffer";
import { Decimal128, Double } from "bson";
import { encode, toValue, TYPE, Value } from "./bson.ts";
import { spend } from "./work.ts";

/** Orders two values as MongoDB sorts them: by type, then by value. */
export function compare(left: Value, right: Value): number {
  spend();
  const byRank = left.rank - right.rank;
  if (byRank !== 0) return byRank;
  switch (left.type) {
    case TYPE.int:
    case TYPE.long:
    case TYPE.double:
    case TYPE.decimal:
      return compareNumbers(left, right);
    case TYPE.date:
      return compareNative(left.bigint, right.bigint);
    case TYPE.timestamp:
      return compareNative(BigInt.asUintN(64, left.bigint), BigInt.asUintN(64, right.bigint));
    case TYPE.object:
    case TYPE.array:
      return compareNested(left, right);
    case TYPE.binData:
      // Shorter ones first.
      return left.bytes.length - right.bytes.length || Buffer.compare(left.bytes, right.bytes);
    case TYPE.string:
    case TYPE.symbol:
    case TYPE.javascript:
      // As bytes of UTF-8, without their length.
      return Buffer.compare(left.bytes.subarray(4), right.bytes.subarray(4));
    default:
      return Buffer.compare(left.bytes, right.bytes);
  }
}

/** True when MongoDB takes both for the same value: 1 and 1.0 are. */
export function isEqual(left: Value, right: Value): boolean {
  return compare(left, right) === 0;
}

/** Of each pair of fields first the types count, then the names, then the values. */
function compareNested(left: Value, right: Value): number {
  if (Buffer.compare(left.bytes, right.bytes) === 0) return 0;
  const [fields, others] = [[...left.nested ?? []], [...right.nested ?? []]];
  for (const [index, [name, value]] of fields.entries()) {
    const [otherName, other] = others[index] ?? [];
    if (otherName === undefined || other === undefined) return 1;
    const difference = value.rank - other.rank ||
      Buffer.compare(Buffer.from(name), Buffer.from(otherName)) ||
      compare(value, other);
    if (difference !== 0) return difference;
  }
  return fields.length - others.length;
}

/** Bytes that are equal exactly when MongoDB takes two values for equal. The store finds documents by that of their `_id`. */
export function equalityKey(value: Value): Uint8Array {
  return encode([["", canonical(value)]]);
}

/** As {@linkcode equalityKey}, for sets and maps. */
export function equalityText(value: Value): string {
  return Buffer.from(equalityKey(value)).toString("latin1");
}

function canonical(value: Value): Value {
  if (value.number !== undefined) return canonicalNumber(value);
  if (value.type === TYPE.symbol) return new Value(TYPE.string, value.bytes);
  const { nested } = value;
  if (nested === undefined) return value;
  const fields = Array.from(nested, ([name, field]) => [name, canonical(field)] as const);
  return new Value(value.type, encode(fields));
}

/** Orders two numbers of any types by what they are worth, exactly; NaN comes first. */
function compareNumbers(left: Value, right: Value): number {
  const [leftNative, rightNative] = [left.exactNumber, right.exactNumber];
  if (leftNative !== undefined && rightNative !== undefined) {
    return compareNative(leftNative, rightNative);
  }
  const [leftExact, rightExact] = [exactOf(left), exactOf(right)];
  if (typeof leftExact === "number" || typeof rightExact === "number") {
    // NaN and the infinities compare with every finite number as they do with zero.
    const special = (exact: Exact | number) => typeof exact === "number" ? exact : 0;
    return compareNative(special(leftExact), special(rightExact));
  }
  const exponent = Math.min(leftExact.exponent, rightExact.exponent);
  const scaled = (exact: Exact) => exact.coefficient * 10n ** BigInt(exact.exponent - exponent);
  return compareNative(scaled(leftExact), scaled(rightExact));
}

function compareNative(left: number | bigint, right: number | bigint): number {
  const byNotANumber = Number(Number.isNaN(right)) - Number(Number.isNaN(left));
  return byNotANumber || (left < right ? -1 : left > right ? 1 : 0);
}

/** The value `coefficient` × 10 ^ `exponent`. */
interface Exact {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** What a number is worth; NaN and the infinities as JavaScript has them. */
function exactOf(value: Value): Exact | number {
  const number = value.exactNumber;
  if (typeof number === "bigint") return { coefficient: number, exponent: 0 };
  if (number !== undefined) return Number.isFinite(number) ? exactDouble(number) : number;
  const text = new Decimal128(value.bytes).toString();
  const parts = /^(-?\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text);
  if (parts === null) return Number(text);
  const [, whole = "", fraction = "", exponent = "0"] = parts;
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** Each finite double is a decimal: m × 2^-n = m × 5^n × 10^-n. */
function exactDouble(number: number): Exact {
  let [mantissa, halvings] = [number, 0];
  for (; !Number.isInteger(mantissa); halvings++) mantissa *= 2;
  return { coefficient: BigInt(mantissa) * 5n ** BigInt(halvings), exponent: -halvings };
}

const MAX_INT64_DIGITS = 19;

/** The one form of all numbers that are equal: a long where it is one, else a text. */
function canonicalNumber(value: Value): Value {
  const exact = exactOf(value);
  if (typeof exact === "number") return toValue(new Double(exact));
  let { coefficient, exponent } = exact;
  for (; coefficient !== 0n && coefficient % 10n === 0n; exponent++) coefficient /= 10n;
  if (coefficient === 0n) return toValue(0n);
  if (exponent >= 0 && exponent <= MAX_INT64_DIGITS) {
    const whole = coefficient * 10n ** BigInt(exponent);
    if (whole === BigInt.asIntN(64, whole)) return toValue(whole);
  }
  return new Value(TYPE.decimal, toValue(`${coefficient}E${exponent}`).bytes);
}

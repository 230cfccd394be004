import { Buffer } from "node:buffer";
import { Decimal128, Double } from "bson";
import { arrayOf, encode, objectOf, toValue, TYPE, Value } from "./bson.ts";
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
      return Number(left.view.getBigInt64(0, true) - right.view.getBigInt64(0, true));
    case TYPE.timestamp:
      return Number(left.view.getBigUint64(0, true) - right.view.getBigUint64(0, true));
    case TYPE.object:
      return compareDocuments(left, right);
    case TYPE.array:
      return compareArrays(left, right);
    case TYPE.binData:
      return left.view.getInt32(0, true) - right.view.getInt32(0, true) ||
        Buffer.compare(left.bytes, right.bytes);
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
function compareDocuments(left: Value, right: Value): number {
  if (Buffer.compare(left.bytes, right.bytes) === 0) return 0;
  const [leftFields, rightFields] = [[...left.fields ?? []], [...right.fields ?? []]];
  for (const [index, [leftName, leftValue]] of leftFields.entries()) {
    const rightField = rightFields[index];
    if (rightField === undefined) return 1;
    const [rightName, rightValue] = rightField;
    const difference = leftValue.rank - rightValue.rank ||
      Buffer.compare(Buffer.from(leftName), Buffer.from(rightName)) ||
      compare(leftValue, rightValue);
    if (difference !== 0) return difference;
  }
  return leftFields.length - rightFields.length;
}

function compareArrays(left: Value, right: Value): number {
  const [leftElements, rightElements] = [left.elements ?? [], right.elements ?? []];
  for (const [index, element] of leftElements.entries()) {
    const other = rightElements[index];
    if (other === undefined) return 1;
    const difference = compare(element, other);
    if (difference !== 0) return difference;
  }
  return leftElements.length - rightElements.length;
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
  switch (value.type) {
    case TYPE.int:
    case TYPE.long:
    case TYPE.double:
    case TYPE.decimal:
      return canonicalNumber(value);
    case TYPE.symbol:
      return new Value(TYPE.string, value.bytes);
    case TYPE.array:
      return arrayOf((value.elements ?? []).map(canonical));
    case TYPE.object:
      return objectOf(
        [...value.fields ?? []].map(([name, field]) => [name, canonical(field)] as const),
      );
    default:
      return value;
  }
}

/** Orders two numbers of any types by what they are worth, exactly; NaN comes first. */
function compareNumbers(left: Value, right: Value): number {
  const [leftNative, rightNative] = [left.exactNumber, right.exactNumber];
  if (leftNative !== undefined && rightNative !== undefined) {
    return compareNative(leftNative, rightNative);
  }
  const [leftExact, rightExact] = [decimalOf(left), decimalOf(right)];
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

/** A number as a decimal; NaN and the infinities as JavaScript has them. */
function decimalOf(value: Value): Exact | number {
  if (value.type === TYPE.decimal) return exactDecimal(new Decimal128(value.bytes).toString());
  const number = value.exactNumber ?? 0;
  if (typeof number === "bigint") return { coefficient: number, exponent: 0 };
  if (Number.isInteger(number)) return { coefficient: BigInt(number), exponent: 0 };
  return Number.isFinite(number) ? exactFraction(number) : number;
}

function exactDecimal(text: string): Exact | number {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text);
  if (parts === null) return Number(text);
  const [, whole = "", fraction = "", exponent = "0"] = parts;
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** Each finite double that is not whole is a decimal: m × 2^-n = m × 5^n × 10^-n. */
function exactFraction(number: number): Exact {
  let [mantissa, halvings] = [number, 0];
  for (; !Number.isInteger(mantissa); halvings++) mantissa *= 2;
  return { coefficient: BigInt(mantissa) * 5n ** BigInt(halvings), exponent: -halvings };
}

const MAX_INT64_DIGITS = 19;

/** The one form of all numbers that are equal: a long where it is one, else a text. */
function canonicalNumber(value: Value): Value {
  const exact = decimalOf(value);
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

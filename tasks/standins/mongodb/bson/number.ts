import { Decimal128, Double } from "bson";
import { toValue, TYPE, Value, viewOf } from "./value.ts";

/** The number in a value, as JavaScript compares it without loss; a decimal, which it cannot, is `undefined`, as what is no number. */
function nativeNumber(value: Value): number | bigint | undefined {
  switch (value.type) {
    case TYPE.int:
      return viewOf(value).getInt32(0, true);
    case TYPE.double:
      return viewOf(value).getFloat64(0, true);
    case TYPE.long:
      return viewOf(value).getBigInt64(0, true);
  }
  return undefined;
}

/** The number in a value, rounded to a double; `undefined` when it is none. */
export function numberOf(value: Value | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.type === TYPE.decimal) return Number(decimalText(value));
  const number = nativeNumber(value);
  return number === undefined ? undefined : Number(number);
}

/** MongoDB's notion of true: everything but false, zero, null and a missing value. */
export function isTruthy(value: Value | undefined): boolean {
  if (value === undefined || value.type === TYPE.null || value.type === TYPE.undefined) {
    return false;
  }
  return value.type === TYPE.bool ? value.bytes[0] !== 0 : numberOf(value) !== 0;
}

/** Orders two numbers of any types by what they are worth, exactly; NaN comes first. */
export function compareNumbers(left: Value, right: Value): number {
  const [leftNative, rightNative] = [nativeNumber(left), nativeNumber(right)];
  if (leftNative !== undefined && rightNative !== undefined) {
    return compareNative(leftNative, rightNative);
  }
  const [leftExact, rightExact] = [exactNumber(left), exactNumber(right)];
  if (typeof leftExact === "number" || typeof rightExact === "number") {
    // NaN and the infinities compare with every finite number as they do with zero.
    const special = (exact: Exact | number) => typeof exact === "number" ? exact : 0;
    return compareNative(special(leftExact), special(rightExact));
  }
  return compareExact(leftExact, rightExact);
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
function exactNumber(value: Value): Exact | number {
  if (value.type === TYPE.decimal) return exactDecimal(decimalText(value));
  const number = nativeNumber(value) ?? 0;
  if (typeof number === "bigint") return { coefficient: number, exponent: 0 };
  return Number.isFinite(number) ? exactDouble(number) : number;
}

function decimalText({ bytes }: Value): string {
  return new Decimal128(bytes).toString();
}

function exactDecimal(text: string): Exact | number {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text);
  if (parts === null) return Number(text);
  const [, whole = "", fraction = "", exponent = "0"] = parts;
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** Each finite double is a decimal: m × 2^-n = m × 5^n × 10^-n. */
function exactDouble(number: number): Exact {
  const bits = viewOf(toValue(new Double(number))).getBigUint64(0, true);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const mantissa = (biased === 0 ? fraction : fraction | (1n << 52n)) * (number < 0 ? -1n : 1n);
  const exponent = Math.max(biased, 1) - 1075;
  return exponent >= 0
    ? { coefficient: mantissa << BigInt(exponent), exponent: 0 }
    : { coefficient: mantissa * 5n ** BigInt(-exponent), exponent };
}

function compareExact(left: Exact, right: Exact): number {
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = (exact: Exact) => exact.coefficient * 10n ** BigInt(exact.exponent - exponent);
  return compareNative(scaled(left), scaled(right));
}

const MAX_INT64_DIGITS = 19;

/** The one form of all numbers that are equal: a long, else a double, else the shortest text of the decimal. */
export function canonicalNumber(value: Value): Value {
  const exact = exactNumber(value);
  if (typeof exact === "number") return toValue(new Double(exact));
  let { coefficient, exponent } = exact;
  for (; coefficient !== 0n && coefficient % 10n === 0n; exponent++) coefficient /= 10n;
  if (coefficient === 0n) return toValue(0n);
  if (exponent >= 0 && exponent <= MAX_INT64_DIGITS) {
    const whole = coefficient * 10n ** BigInt(exponent);
    if (whole === BigInt.asIntN(64, whole)) return toValue(whole);
  }
  const text = `${coefficient}E${exponent}`;
  const double = Number(text);
  return Number.isFinite(double) && compareExact(exactDouble(double), exact) === 0
    ? toValue(new Double(double))
    : new Value(TYPE.decimal, toValue(text).bytes);
}

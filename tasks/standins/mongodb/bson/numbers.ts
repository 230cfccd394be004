import { Decimal128, Double, Int32, Long, Timestamp } from "bson";
import { CommandError, unsupported } from "../errors.ts";

/** What JavaScript compares exactly with `<` and `>`: whole 64-bit numbers as `bigint`, all else as `number`. */
export type NumericValue = number | bigint;

/** The number in a BSON value, or `undefined` when it is none. Decimals are rounded to a double. */
export function numericValue(value: unknown): NumericValue | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  // Timestamp extends Long, but is no number.
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toBigInt();
  if (value instanceof Decimal128) return Number(value.toString());
  return undefined;
}

/** A numeric argument such as `limit: 5` as a JavaScript number, or `undefined` when it is none. */
export function toNumber(value: unknown): number | undefined {
  const numeric = numericValue(value);
  return numeric === undefined ? undefined : Number(numeric);
}

/** A 64-bit arithmetic, and the same for doubles. */
export interface Arithmetic {
  /** For error messages. */
  readonly verb: string;
  /** Of whole numbers. */
  readonly whole: (left: bigint, right: bigint) => bigint;
  /** Where one of them is a double. */
  readonly floating: (left: number, right: number) => number;
}

/** `$inc`. */
export const ADDITION: Arithmetic = {
  verb: "increment",
  whole: (left, right) => left + right,
  floating: (left, right) => left + right,
};

/** `$mul`. */
export const MULTIPLICATION: Arithmetic = {
  verb: "multiply",
  whole: (left, right) => left * right,
  floating: (left, right) => left * right,
};

/**
 * Computes with MongoDB's types: int and int stay int while the result fits and grow to long; a double makes a double.
 *
 * @throws {CommandError} 14 when an operand is no number, 2 when 64 bits do not hold the result.
 */
export function calculate(
  arithmetic: Arithmetic,
  left: unknown,
  right: unknown,
): Int32 | Long | Double {
  if (left instanceof Decimal128 || right instanceof Decimal128) {
    throw unsupported("arithmetic on Decimal128 values");
  }
  const [leftValue, rightValue] = [numericValue(left), numericValue(right)];
  if (leftValue === undefined || rightValue === undefined) {
    throw new CommandError(14, `Cannot ${arithmetic.verb} with a non-numeric value`);
  }
  if (!isWhole(left) || !isWhole(right)) {
    return new Double(arithmetic.floating(Number(leftValue), Number(rightValue)));
  }
  const result = arithmetic.whole(BigInt(leftValue), BigInt(rightValue));
  if (result !== BigInt.asIntN(64, result)) {
    throw new CommandError(2, `Cannot ${arithmetic.verb}: the result does not fit into 64 bits`);
  }
  const fitsInt32 = result === BigInt.asIntN(32, result);
  return fitsInt32 && !(left instanceof Long) && !(right instanceof Long)
    ? new Int32(Number(result))
    : Long.fromBigInt(result);
}

function isWhole(value: unknown): boolean {
  return value instanceof Int32 || value instanceof Long;
}

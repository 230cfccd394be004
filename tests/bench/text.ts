import { quantile } from "./measure/statistics.ts";

/**
 * Writes a number with three digits that count, and with separators.
 *
 * @param value The number.
 * @returns Such as `2,410` or `0.071`.
 */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/**
 * Writes the median of some rates.
 *
 * @param rates How many a second, in each round.
 * @returns Such as `2,410/s`.
 */
export function perSecond(rates: readonly number[]): string {
  return `${number(quantile(rates, 0.5))}/s`;
}

/**
 * Why something failed. What went wrong first counts, not what could not be tidied up thereafter.
 *
 * @param error What was thrown.
 * @returns The reason.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof SuppressedError) return reasonOf(error.suppressed);
  return error instanceof Error ? error.message : String(error);
}

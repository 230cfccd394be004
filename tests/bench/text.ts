import { quantile } from "./measure/statistics.ts";

/** Writes a number with three digits that count, and with separators. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Writes the median of some rates. */
export function perSecond(rates: readonly number[]): string {
  return `${number(quantile(rates, 0.5))}/s`;
}

/**
 * Why something failed. What went wrong first counts, not what could not be tidied up thereafter.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof SuppressedError) return reasonOf(error.suppressed);
  return error instanceof Error ? error.message : String(error);
}

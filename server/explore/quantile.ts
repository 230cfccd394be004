/** A quantile of numbers in ascending order, by the nearest rank; `undefined` for an empty list. */
export function quantileOf(sorted: ArrayLike<number>, quantile: number): number | undefined {
  return sorted[Math.ceil(quantile * sorted.length) - 1];
}

/** A quantile of numbers in ascending order, by the nearest rank; `undefined` of none. */
export function quantileOf(sorted: ArrayLike<number>, quantile: number): number | undefined {
  return sorted[Math.ceil(quantile * sorted.length) - 1];
}

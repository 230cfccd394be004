/**
 * How much time has passed, for the lines that tell what goes on.
 *
 * @param sinceMs A moment of `performance.now()`.
 * @returns Seconds, at the right of a column.
 */
export function elapsed(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`.padStart(8);
}

/** A stretch of time, in microseconds. */
export interface Interval {
  /** Where it starts. */
  readonly fromUs: number;
  /** Where it ends; never before the start. */
  readonly toUs: number;
}

/** The gaps between intervals, which may overlap and come in any order; the gaps are in order of time. */
export function gapsBetween(intervals: readonly Interval[]): readonly Interval[] {
  const gaps: Interval[] = [];
  let coveredUntilUs = Infinity;
  for (const { fromUs, toUs } of intervals.toSorted((a, b) => a.fromUs - b.fromUs)) {
    if (fromUs > coveredUntilUs) gaps.push({ fromUs: coveredUntilUs, toUs: fromUs });
    coveredUntilUs = coveredUntilUs === Infinity ? toUs : Math.max(coveredUntilUs, toUs);
  }
  return gaps;
}

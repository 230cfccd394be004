/** A stretch of time, in microseconds. */
export interface Interval {
  readonly fromUs: number;
  /** Where it ends; never before the start. */
  readonly toUs: number;
}

/** The stretches that intervals cover together, in order of time; the intervals may overlap and come in any order. */
export function unionOf(intervals: readonly Interval[]): readonly Interval[] {
  const union: Interval[] = [];
  for (const { fromUs, toUs } of intervals.toSorted((a, b) => a.fromUs - b.fromUs)) {
    const last = union.at(-1);
    if (last === undefined || fromUs > last.toUs) union.push({ fromUs, toUs });
    else if (toUs > last.toUs) union[union.length - 1] = { fromUs: last.fromUs, toUs };
  }
  return union;
}

/** The parts of an interval outside others, in order of time. An empty interval stays, unless another covers it. */
export function without(
  { fromUs, toUs }: Interval,
  others: readonly Interval[],
): readonly Interval[] {
  const left: Interval[] = [];
  let reachedUs = fromUs;
  for (const other of unionOf(others)) {
    if (other.fromUs >= toUs) break;
    if (other.fromUs > reachedUs) left.push({ fromUs: reachedUs, toUs: other.fromUs });
    reachedUs = Math.max(reachedUs, other.toUs);
  }
  if (reachedUs < toUs || reachedUs === fromUs) left.push({ fromUs: reachedUs, toUs });
  return left;
}

/** The intersection of both. */
export function intersection(one: Interval, other: Interval): Interval | undefined {
  const fromUs = Math.max(one.fromUs, other.fromUs);
  const toUs = Math.min(one.toUs, other.toUs);
  return fromUs < toUs ? { fromUs, toUs } : undefined;
}

export function lengthOf(...intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
}

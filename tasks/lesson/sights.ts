import { spanKey, type SpanRow } from "@playground/shared/waterfall";
import type { Lesson, Scene, Sight } from "./lesson.ts";

/** The rows that a sight speaks of. */
export function rowsOf(sight: Sight, rows: readonly SpanRow[]): readonly SpanRow[] {
  const { span, isFailed, error, tags = {}, minDurationMs = 0 } = sight;
  return rows.filter((row) =>
    row.name === span &&
    (row.error !== undefined) === isFailed &&
    (error === undefined || error.test(row.error ?? "")) &&
    Object.entries(tags).every(([name, value]) => row.tags[name] === value) &&
    durationMsOf(row) >= minDurationMs
  );
}

/** What is not as the lesson describes it, or not yet. */
export function missingIn(lesson: Lesson, { rows, state }: Scene): readonly string[] {
  const { sights, absentSpans = [], endState } = lesson;
  return [
    ...sights.filter((sight) => !isSeen(sight, rows)).map(describeSight),
    ...absentSpans.filter((name) => rows.some((row) => row.name === name))
      .map((name) => `there is a span ${name}, which should not be`),
    ...endState === undefined || state?.name === endState
      ? []
      : [`the email is not ${endState} but ${state?.name ?? "unknown"}`],
    ...endState === undefined || hasAllParents(rows) ? [] : ["parts of the trace are not here yet"],
  ];
}

/** The explanation of a row: that of the first sight which speaks of it, at the first such row. */
export function explanationsOf(
  { sights }: Lesson,
  rows: readonly SpanRow[],
): ReadonlyMap<string, string> {
  const explanations = new Map<string, string>();
  for (const sight of sights) {
    const row = rowsOf(sight, rows).find((candidate) => !explanations.has(spanKey(candidate)));
    if (row !== undefined) explanations.set(spanKey(row), sight.explanation);
  }
  return explanations;
}

function isSeen(sight: Sight, rows: readonly SpanRow[]): boolean {
  const { minCount = 1, sharedTag } = sight;
  const seen = rowsOf(sight, rows);
  const isShared = sharedTag === undefined ||
    new Set(seen.map(({ tags }) => tags[sharedTag])).size === 1;
  return seen.length >= minCount && isShared;
}

function describeSight(sight: Sight): string {
  const { span, isFailed, error, tags, minDurationMs, minCount, sharedTag } = sight;
  return [
    `no ${isFailed ? "failed" : "successful"} span ${span} is seen`,
    ...error === undefined ? [] : [`whose error says ${error.source}`],
    ...tags === undefined ? [] : [`with ${JSON.stringify(tags)}`],
    ...minDurationMs === undefined ? [] : [`of ${minDurationMs} ms or more`],
    ...minCount === undefined ? [] : [`${minCount} times`],
    ...sharedTag === undefined ? [] : [`with the same ${sharedTag}`],
  ].join(" ");
}

function durationMsOf({ interval }: SpanRow): number {
  return interval === undefined ? 0 : (interval.toUs - interval.fromUs) / 1000;
}

/** Spans come from several processes, each in its own time. */
function hasAllParents(rows: readonly SpanRow[]): boolean {
  const known = new Set(rows.map(spanKey));
  return rows.every(({ traceId, parentId }) =>
    parentId === undefined || known.has(spanKey({ traceId, id: parentId }))
  );
}

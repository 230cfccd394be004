import { spanKey, type SpanRow } from "@playground/shared/waterfall";
import type { ExpectedSpan, Lesson, LessonSnapshot } from "./lesson.ts";

/** The rows that an expected span describes. */
export function rowsOf(expected: ExpectedSpan, rows: readonly SpanRow[]): readonly SpanRow[] {
  const { span, isFailed, error, tags = {}, minDurationMs = 0 } = expected;
  return rows.filter((row) =>
    row.name === span &&
    (row.error !== undefined) === isFailed &&
    (error === undefined || error.test(row.error ?? "")) &&
    Object.entries(tags).every(([name, value]) => row.tags[name] === value) &&
    durationMsOf(row) >= minDurationMs
  );
}

/** What is not as the lesson describes it, or not yet. */
export function missingIn(lesson: Lesson, { rows, state }: LessonSnapshot): readonly string[] {
  const { expectedSpans, absentSpans = [], endState } = lesson;
  return [
    ...expectedSpans.filter((expected) => !isSeen(expected, rows)).map(describeExpected),
    ...absentSpans.filter((name) => rows.some((row) => row.name === name))
      .map((name) => `there is a span ${name}, which should not be`),
    ...endState === undefined || state?.name === endState
      ? []
      : [`the email is not ${endState} but ${state?.name ?? "unknown"}`],
    ...endState === undefined || hasAllParents(rows) ? [] : ["parts of the trace are not here yet"],
  ];
}

/** The explanation of a row: that of the first expected span that describes it, at the first such row. */
export function explanationsOf(
  { expectedSpans }: Lesson,
  rows: readonly SpanRow[],
): ReadonlyMap<string, string> {
  const explanations = new Map<string, string>();
  for (const expected of expectedSpans) {
    const row = rowsOf(expected, rows).find((candidate) => !explanations.has(spanKey(candidate)));
    if (row !== undefined) explanations.set(spanKey(row), expected.explanation);
  }
  return explanations;
}

function isSeen(expected: ExpectedSpan, rows: readonly SpanRow[]): boolean {
  const { minCount = 1, sharedTag } = expected;
  const seen = rowsOf(expected, rows);
  const isShared = sharedTag === undefined ||
    new Set(seen.map(({ tags }) => tags[sharedTag])).size === 1;
  return seen.length >= minCount && isShared;
}

function describeExpected(expected: ExpectedSpan): string {
  const { span, isFailed, error, tags, minDurationMs, minCount, sharedTag } = expected;
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

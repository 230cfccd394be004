import type { EmailState } from "@playground/server/trace-view";
import type { Environment } from "@playground/shared/configuration";
import { spanKey, type SpanRow } from "@playground/shared/waterfall";
import type { FaultName } from "@playground/tasks/faults";

/** A lesson: what is broken, what is sent, and what its trace looks like then. */
export interface Lesson {
  /** Faults and `faults.md` refer to it. */
  readonly number: number;
  readonly title: string;
  /** What is done, and what to look for. */
  readonly introduction: string;
  /** What is broken before anything is sent. A fault without a value has its own default. */
  readonly faults: readonly { readonly name: FaultName; readonly value?: string }[];
  /** When the faults end, if that is part of the story. @default at the end of the lesson */
  readonly mendedAfter?:
    | { readonly failedSpan: string; readonly times: number }
    | { readonly elapsedMs: number };
  /** How many emails are sent at once; the one that shows what is described is shown. @default 1 */
  readonly emailCount?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why it needs its own system, and that system's settings. @default any system with stand-ins suits */
  readonly ownSystem?: { readonly because: string; readonly settings: Environment };
  /** Absent: the email is still on its way, or unseen. */
  readonly endState?: EmailState["name"];
  /** What must be seen in the trace, in the order of the picture. */
  readonly expectedSpans: readonly ExpectedSpan[];
  readonly absentSpans?: readonly string[];
  /** Whether the polls that failed belong to the picture; they are traces of their own. @default false */
  readonly showsFailedPolls?: boolean;
  readonly checks?: readonly Check[];
  readonly conclusion: string;
}

/** A row that must be in the picture, and why it is. */
export interface ExpectedSpan {
  readonly span: string;
  readonly isFailed?: boolean;
  readonly error?: RegExp;
  readonly tags?: Readonly<Record<string, string>>;
  readonly minDurationMs?: number;
  /** How many such rows there are at least. @default 1 */
  readonly minCount?: number;
  /** A tag that has one value in all such rows. */
  readonly sharedTag?: string;
  readonly explanation: string;
}

/** What must hold beside the trace: in the archive, in the emailer's health, in Zipkin's dependency graph. */
export type Check =
  | { readonly kind: "archived" }
  | { readonly kind: "emailer-not-ready"; readonly reason: RegExp }
  | { readonly kind: "dependencies"; readonly edges: readonly string[]; readonly isAll?: boolean };

/** What is known at one moment of a lesson. */
export interface LessonSnapshot {
  readonly rows: readonly SpanRow[];
  /** Absent while the collector tells nothing. */
  readonly state: EmailState | undefined;
  /** Since the email was sent. */
  readonly elapsedMs: number;
}

export function isToBeMended({ mendedAfter }: Lesson, snapshot: LessonSnapshot): boolean {
  if (mendedAfter === undefined) return false;
  if ("elapsedMs" in mendedAfter) return snapshot.elapsedMs > mendedAfter.elapsedMs;
  const { failedSpan: span, times } = mendedAfter;
  return rowsOf({ span, isFailed: true }, snapshot.rows).length >= times;
}

export function rowsOf(
  expected: Omit<ExpectedSpan, "explanation">,
  rows: readonly SpanRow[],
): readonly SpanRow[] {
  const { span, isFailed = false, error, tags = {}, minDurationMs = 0 } = expected;
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

/** The explanations by row: each expected span's is at the first row that it describes and that has none yet. */
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

function describeExpected({ span, isFailed, explanation: _, ...wanted }: ExpectedSpan): string {
  const text = `no ${isFailed ? "failed" : "successful"} span ${span} is seen`;
  const asText = (_: string, value: unknown) => value instanceof RegExp ? value.source : value;
  return Object.keys(wanted).length === 0 ? text : `${text} with ${JSON.stringify(wanted, asText)}`;
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

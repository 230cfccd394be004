import type { EmailState } from "@playground/server/trace-view";
import type { Environment } from "@playground/shared/configuration";
import {
  compareTrace,
  type ExpectedSpan,
  type ExpectedTrace,
  type TraceSpan,
} from "@playground/shared/trace-assertion";
import { spanKey, type ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { withDistinctIds } from "@playground/shared/waterfall";
import type { FaultName, FaultSetting } from "@playground/tasks/faults";

export interface Lesson {
  /** Faults and `faults.md` refer to it. */
  readonly number: number;
  readonly title: string;
  readonly introduction: string;
  /** The faults that are set before anything is sent. A fault without a value has its own default. */
  readonly faults: readonly (Omit<FaultSetting, "forMs"> & { readonly name: FaultName })[];
  /** When the faults end, if that is part of the story. @default at the end of the lesson */
  readonly mendedAfter?:
    | { readonly failedSpan: string; readonly times: number }
    | { readonly elapsedMs: number };
  /** How many emails are sent at once; the one closest to the description is shown. @default 1 */
  readonly emailCount?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Why the lesson needs its own system, and that system's settings. @default any system with stand-ins */
  readonly ownSystem?: { readonly because: string; readonly settings: Environment };
  /** How the email ends; `any`: it may be on its way, or have no trace. @default archived */
  readonly endState?: EmailState["name"] | "any";
  /** Spans that the trace must show, in the order of the picture. */
  readonly expectedSpans: readonly ExplainedSpan[];
  readonly absentSpans?: ExpectedTrace["absent"];
  /** Spans of which the trace lacks at least one. */
  readonly lacksOneOf?: readonly string[];
  /** Names the time in which the faults are on, which is then a row of the picture. */
  readonly faultLabel?: string;
  /** Whether failed polls, which are traces of their own, belong to the picture. @default false */
  readonly showsFailedPolls?: boolean;
  readonly checks?: readonly Check[];
  readonly conclusion: string;
}

export interface ExplainedSpan extends ExpectedSpan {
  readonly explanation: string;
  /** Tags that stand below each such row. */
  readonly shownTags?: readonly string[];
  /** Whether the services that reported it stand below its row. @default false */
  readonly showsReporters?: boolean;
}

/** A row that the picture must have, and what it says to the learner. */
export function row(
  name: string,
  explanation: string,
  looks: Omit<ExplainedSpan, "name" | "explanation"> = {},
): ExplainedSpan {
  return { name, explanation, ...looks };
}

/** Checks beside the trace: of the archive, the emailer's health, and Zipkin's dependency graph. */
export type Check =
  | { readonly kind: "archived" }
  /** Checks that all emails of the lesson are dead letters. */
  | { readonly kind: "dead-lettered"; readonly count: number }
  | { readonly kind: "emailer-not-ready"; readonly reason: RegExp }
  | { readonly kind: "dependencies"; readonly edges: readonly string[]; readonly isAll?: boolean };

export interface LessonSnapshot {
  readonly spans: readonly ZipkinSpan[];
  /** Absent while the collector does not answer. */
  readonly state: EmailState | undefined;
  /** Since the email was sent. */
  readonly elapsedMs: number;
}

export function isToBeMended({ mendedAfter }: Lesson, snapshot: LessonSnapshot): boolean {
  if (mendedAfter === undefined) return false;
  if ("elapsedMs" in mendedAfter) return snapshot.elapsedMs > mendedAfter.elapsedMs;
  const { failedSpan, times } = mendedAfter;
  const failures = snapshot.spans.filter(({ name, tags }) => name === failedSpan && tags?.error);
  return failures.length >= times;
}

/** What differs from the lesson's description or is not there yet, in words. */
export function missingIn(lesson: Lesson, { spans, state }: LessonSnapshot): readonly string[] {
  const { endState = "archived", lacksOneOf = [] } = lesson;
  const isWhole = lacksOneOf.every((name) => spans.some((span) => span.name === name));
  return [
    ...compare(lesson, spans).differences.map(({ text }) => text.join(": ")),
    ...lacksOneOf.length > 0 && isWhole
      ? [`there is every span of ${lacksOneOf.join(", ")}, of which one should be missing`]
      : [],
    ...endState === "any" || state?.name === endState
      ? []
      : [`the email is not ${endState} but ${state?.name ?? "unknown"}`],
  ];
}

/** The expected rows, in the order of the picture, each with its spans as soon as they are there. */
export function seenOf(lesson: Lesson, spans: readonly ZipkinSpan[]) {
  const found = Map.groupBy(compare(lesson, spans).expectedOf, ([, expected]) => expected);
  return lesson.expectedSpans.map((expected) => ({
    expected,
    found: found.get(expected)?.map(([span]) => span) ?? [],
  }));
}

/** The remarks by row: an explanation at its first row, the shown tags at all of them. */
export function remarksOn(
  lesson: Lesson,
  spans: readonly ZipkinSpan[],
): ReadonlyMap<string, readonly string[]> {
  const remarks = seenOf(lesson, spans).flatMap(({ expected, found }) =>
    found.flatMap((span, index) => [
      ...index === 0 ? [{ span, text: expected.explanation }] : [],
      ...index === 0 && expected.showsReporters
        ? [{ span, text: `Reported by ${reportersOf(span, spans).join(" and ")}.` }]
        : [],
      ...(expected.shownTags ?? []).map((tag) => ({
        span,
        text: `${tag}: ${short(span.tags?.[tag])}`,
      })),
    ])
  );
  const byRow = Map.groupBy(remarks, ({ span }) => spanKey(span));
  return new Map(Array.from(byRow, ([key, texts]) => [key, texts.map(({ text }) => text)]));
}

/** Long ids are compared by their beginning. */
function short(text = "none"): string {
  return text.length > 40 ? `${text.slice(0, 16)}…` : text;
}

function reportersOf(one: TraceSpan, spans: readonly ZipkinSpan[]): readonly string[] {
  return spans.flatMap((span) =>
    spanKey(span) === spanKey(one) ? span.localEndpoint?.serviceName ?? [] : []
  );
}

/** Whether all spans have arrived is known only once the email's state is. */
function compare(
  { expectedSpans, absentSpans = [], endState }: Lesson,
  spans: readonly ZipkinSpan[],
) {
  // In the order of the picture's rows.
  return compareTrace(withDistinctIds(spans), {
    spans: expectedSpans,
    absent: absentSpans,
    isConnected: endState !== "any",
  });
}

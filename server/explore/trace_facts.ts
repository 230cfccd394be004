import { type Call, callsIn } from "@playground/shared/service-calls";
import type { ZipkinSpan } from "@playground/shared/tracing";
import { originKey, spanKey } from "@playground/shared/waterfall";
import {
  emailsOf,
  type EmailSummary,
  factsOf,
  isAboutEmail,
  isFinal,
  summarizeEmail,
  type TracedEmail,
} from "../trace_view/mod.ts";

export type CallPurpose = "publish" | "queue" | "retry" | "smtp" | "fetch" | "store";

/** A call of a service by another; times in microseconds. */
export interface CallFacts {
  readonly from: string;
  readonly to: string;
  /** `from>to`. */
  readonly edge: string;
  readonly startUs: number;
  /** Measured by the caller; for a message, the time in the queue. */
  readonly durationUs: number | undefined;
  readonly isError: boolean;
  readonly purpose: CallPurpose | undefined;
  /** The attempt that the mail of a poll's step comes from. */
  readonly originKey?: string;
}

/** An email, and the calls for it in its own trace. */
export interface EmailFacts {
  readonly startUs: number;
  readonly summary: EmailSummary;
  /** The keys of its attempts, which the polls' steps name. */
  readonly attemptKeys: readonly string[];
  readonly calls: readonly CallFacts[];
  /** When Mailtrap received its mail, by the key of the attempt. */
  readonly receivedUs: readonly (readonly [attemptKey: string, us: number])[];
}

/** All that is kept of a trace. */
export interface TraceFacts {
  readonly traceId: string;
  /** The time that Zipkin searches by: the root's start, else the first. */
  readonly startUs: number;
  /** The time that Zipkin sorts by. */
  readonly latestUs: number;
  /** The number of its records; it differs when the trace has changed. */
  readonly recordCount: number;
  readonly emails: readonly EmailFacts[];
  /** The calls that belong to no email of this trace: those of polls and of other services. */
  readonly calls: readonly CallFacts[];
  /** The number of its calls, those of its emails included. */
  readonly callCount: number;
}

export function isSettled({ emails }: TraceFacts): boolean {
  return emails.every(({ summary }) => isFinal(summary.state));
}

/** A span without the members that no fact needs, to save memory. */
export function callFactsOf(span: ZipkinSpan): ZipkinSpan {
  const { shared, localEndpoint, remoteEndpoint } = span;
  return { ...factsOf(span), shared, localEndpoint, remoteEndpoint };
}

/** Reduces a trace to its facts; an unchanged trace keeps the known ones. */
export function traceFactsOf(
  spans: readonly ZipkinSpan[],
  traceId: string,
  omittedCount = 0,
  known?: TraceFacts,
): TraceFacts {
  const recordCount = spans.length + omittedCount;
  if (known?.recordCount === recordCount) return known;
  const times = spans.flatMap(({ timestamp }) => timestamp ?? []);
  const root = spans.find(({ parentId, timestamp }) =>
    parentId === undefined && timestamp !== undefined
  );
  // A poll's steps name an email of another trace.
  const traced = emailsOf(spans).filter(({ spans }) => spans.some(isAboutEmail));
  const indexOf = new Map(
    traced.flatMap((email, index) => email.spans.map((span) => [spanKey(span), index])),
  );
  const isOnly = traced.length === 1;
  const producers = new Map(
    spans.filter(({ kind }) => kind === "PRODUCER").map((span) => [spanKey(span), span]),
  );
  const calls = [...callsIn(spans)];
  const groups = Map.groupBy(calls, ({ span }) => isOnly ? 0 : indexOf.get(spanKey(span)));
  const callsOf = (index: number | undefined) =>
    (groups.get(index) ?? []).map((call) => toCallFacts(call, producers));
  return {
    traceId,
    startUs: root?.timestamp ?? times.reduce((a, b) => Math.min(a, b), Infinity),
    latestUs: times.reduce((a, b) => Math.max(a, b), 0),
    emails: traced.map((email, index) => toEmailFacts(email, traceId, callsOf(index))),
    calls: callsOf(undefined),
    callCount: calls.length,
    recordCount,
  };
}

function toEmailFacts(
  email: TracedEmail,
  traceId: string,
  calls: readonly CallFacts[],
): EmailFacts {
  const named = (wanted: string) => email.spans.filter(({ name }) => name === wanted);
  return {
    startUs: email.startUs,
    summary: summarizeEmail(email, traceId, undefined),
    attemptKeys: named("emailer").map(spanKey),
    calls,
    receivedUs: named("archive-email").flatMap(({ parentId = "", timestamp }) =>
      timestamp === undefined ? [] : [[spanKey({ traceId, id: parentId }), timestamp]]
    ),
  };
}

function toCallFacts(
  { parent, child, isError, span, callerSpan }: Call,
  producers: ReadonlyMap<string, ZipkinSpan>,
): CallFacts {
  // Zipkin counts the two halves of a publish once, and takes either; the time of the call is the producer's.
  const producer = span.kind === "CONSUMER" ? producers.get(spanKey(span)) : undefined;
  const record = callerSpan ?? producer ?? span;
  return {
    from: parent,
    to: child,
    edge: `${parent}>${child}`,
    startUs: record.timestamp ?? 0,
    durationUs: record.duration,
    isError: isError || producer?.tags?.error !== undefined,
    purpose: purposeOf(record),
    originKey: originKey(span),
  };
}

function purposeOf({ name, kind }: ZipkinSpan): CallPurpose | undefined {
  switch (name) {
    case "amqp-publish":
      return kind === "PRODUCER" ? "publish" : "queue";
    case "amqp-retry":
      return kind === "PRODUCER" ? "retry" : undefined;
    case "send-email":
      return "smtp";
    case "fetch-message":
      return "fetch";
    case "store-message":
      return "store";
    default:
      return undefined;
  }
}

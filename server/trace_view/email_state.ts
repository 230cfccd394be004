import { delayOfRetryQueue } from "@playground/shared/amqp";
import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { z } from "zod";

/** The state of an email, as proven by its spans. */
export const emailState = z.discriminatedUnion("name", [
  z.object({ name: z.literal("refused"), reason: z.string() }),
  /** It waits in the queue, or a part of the trace has not arrived yet. */
  z.object({ name: z.literal("queued") }),
  /** The emailer has it; which attempt this is, from 1. */
  z.object({ name: z.literal("sending"), attempt: z.int().min(1) }),
  z.object({
    name: z.literal("retrying"),
    /** The attempt that failed, from 1: the retry that follows has the same number. */
    attempt: z.int().min(1),
    /** The number of attempts: one more than there are retries. */
    maxAttempts: z.int().min(1).optional(),
    nextAttemptAt: z.iso.datetime().optional(),
    reason: z.string(),
  }),
  z.object({
    name: z.literal("dead-lettered"),
    reason: z.string(),
    dropped: z.literal(true).optional(),
  }),
  /** The mail server has it. `followed` says whether the mail carries its trace, so that the trace will show the archiving. */
  z.object({ name: z.literal("delivered"), followed: z.boolean() }),
  z.object({ name: z.literal("archived") }),
]).readonly();

/** The state of an email; see {@linkcode emailState}. */
export type EmailState = z.output<typeof emailState>;

/** The states from the worst to the best. */
const SEVERITY: readonly EmailState["name"][] = [
  "dead-lettered",
  "refused",
  "retrying",
  "sending",
  "queued",
  "delivered",
  "archived",
];

/** Orders states, the worst first. */
export function bySeverity(a: EmailState, b: EmailState): number {
  return SEVERITY.indexOf(a.name) - SEVERITY.indexOf(b.name);
}

/** Whether no further span is expected. */
export function isFinal(state: EmailState): boolean {
  return state.name === "delivered"
    ? !state.followed
    : ["archived", "dead-lettered", "refused"].includes(state.name);
}

/** Derives the state of an email from its spans. */
export function emailStateOf(spans: readonly ZipkinSpan[]): EmailState {
  if (isDelivered(spans) && archivedAtUs(spans) !== undefined) return { name: "archived" };
  const attempts = spans.filter(({ name }) => name === "emailer").toSorted(byTime);
  const last = attempts.at(-1);
  const tags = last?.tags ?? {};
  if (tags[attribute.outcome] === "delivered") {
    return { name: "delivered", followed: tags[attribute.traceThroughSmtp] !== "off" };
  }
  const lastReceipt = spans.filter(isReceipt).toSorted((a, b) => endOf(a) - endOf(b)).at(-1);
  if (lastReceipt !== undefined && !isAnswered(lastReceipt, attempts)) {
    return { name: "sending", attempt: attemptAfter(last) };
  }
  if (last === undefined) return scheduledState(spans);
  // A requeue publishes below the span that gave the email up.
  if (spans.some((span) => isPublish(span) && span.parentId === last.id)) return { name: "queued" };
  const reason = tags.error ?? "";
  if (tags[attribute.outcome] === "dead-lettered") {
    const isDropped = spans.some(({ name, parentId }) =>
      name === "drop-dead-letter" && parentId === last.id
    );
    return { name: "dead-lettered", reason, ...(isDropped ? { dropped: true as const } : {}) };
  }
  const maxAttempts = countIn(tags[attribute.maxAttempts]);
  const nextAttemptAt = nextAttemptAfter(last, spans);
  return {
    name: "retrying",
    attempt: countIn(tags[attribute.attempt]) ?? 1,
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
    reason,
  };
}

/** A tag that counts something from 1. Spans of others may have anything in it. */
export function countIn(tag: string | undefined): number | undefined {
  const count = Number(tag);
  return Number.isSafeInteger(count) && count >= 1 ? count : undefined;
}

/** The largest time to live of a queue in RabbitMQ. */
const MAX_DELAY_MS = 2 ** 32 - 1;

/** When the broker gives the email to an emailer again: the delay is in the name of the retry queue, which is the routing key. */
function nextAttemptAfter(last: ZipkinSpan, spans: readonly ZipkinSpan[]): string | undefined {
  for (const { name, kind, parentId, timestamp, tags = {} } of spans) {
    if (name !== "amqp-retry" || kind !== "PRODUCER" || parentId !== last.id) continue;
    const delay = delayOfRetryQueue(tags[attribute.amqpRoutingKey] ?? "");
    if (timestamp === undefined || delay === undefined || tags.error !== undefined) continue;
    if (delay.milliseconds > MAX_DELAY_MS) continue;
    return new Date(timestamp / 1_000 + delay.milliseconds).toISOString();
  }
  return undefined;
}

/** Whether an emailer has handed the email to the mail server. A mail's own id is no proof: anybody can send one. */
export function isDelivered(spans: readonly ZipkinSpan[]): boolean {
  return spans.some(({ name, tags }) =>
    name === "emailer" && tags?.[attribute.outcome] === "delivered"
  );
}

/**
 * When the mail was first archived, in microseconds since 1970: by `archive-email` or, if the poll's steps are in the email's own
 * trace or the mail had lost its trace, by `store-message`.
 */
export function archivedAtUs(spans: readonly ZipkinSpan[]): number | undefined {
  const own = new Set(spans.flatMap(({ name, traceId }) => name === "emailer" ? [traceId] : []));
  const stored = spans.filter(({ tags }) => tags?.error === undefined);
  const traced = stored.filter(({ name, traceId }) =>
    name === "archive-email" || (name === "store-message" && own.has(traceId))
  );
  const claimed = stored.filter(({ name, tags = {} }) =>
    name === "store-message" && tags[attribute.correlationId] !== undefined &&
    !own.has(tags[attribute.originTraceId] ?? "")
  );
  const ends = (traced.length > 0 ? traced : claimed).map(endOf);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function scheduledState(spans: readonly ZipkinSpan[]): EmailState {
  const refusals = spans.filter(({ name }) => name === "schedule-email")
    .map(({ tags }) => tags?.error);
  // A retried request may have been accepted.
  const [reason] = refusals;
  return reason === undefined || refusals.includes(undefined)
    ? { name: "queued" }
    : { name: "refused", reason };
}

/** The number of the attempt after one that is over. A requeued message keeps its attempt. */
function attemptAfter(last: ZipkinSpan | undefined): number {
  const attempt = countIn(last?.tags?.[attribute.attempt]) ?? 1;
  switch (last?.tags?.[attribute.outcome]) {
    case "retried":
      return attempt + 1;
    case "requeued":
      return attempt;
    default:
      return 1;
  }
}

/** The broker's half of a publish is reported at the moment when an emailer receives the message. */
function isReceipt({ name, kind }: ZipkinSpan): boolean {
  return kind === "CONSUMER" && (name === "amqp-publish" || name === "amqp-retry");
}

function isPublish({ name, kind, tags = {} }: ZipkinSpan): boolean {
  return kind === "PRODUCER" && name === "amqp-publish" && tags.error === undefined;
}

/** An empty span is reported with one microsecond. */
const ROUNDING_US = 2;

/** Whether the receipt has become an `emailer` span, which is reported when the attempt is over. */
function isAnswered(receipt: ZipkinSpan, attempts: readonly ZipkinSpan[]): boolean {
  return attempts.some(({ parentId, timestamp = Infinity, tags = {} }) =>
    (tags[attribute.originSpanId] ?? parentId) === receipt.id &&
    timestamp >= endOf(receipt) - ROUNDING_US
  );
}

/** Orders spans by their start; those without one come last. */
export function byTime(a: ZipkinSpan, b: ZipkinSpan): number {
  return (a.timestamp ?? Infinity) - (b.timestamp ?? Infinity);
}

/** When a span ended, in microseconds since 1970. */
export function endOf({ timestamp = 0, duration = 0 }: ZipkinSpan): number {
  return timestamp + duration;
}

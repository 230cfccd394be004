import { EMAIL_ID } from "@playground/shared/email";
import { attribute } from "@playground/shared/tracing";
import {
  originKey,
  parentKey,
  spanKey,
  type ZipkinSpan,
} from "@playground/shared/tracing/zipkin-span";
import { byTime } from "./email_state.ts";

/** One of the emails of a trace: a batch job sends many in one. */
export interface TracedEmail {
  /** The email's id, once a span has it. */
  readonly emailId?: string;
  /** The id of the `schedule-email` span of its first request. */
  readonly spanId?: string;
  /** When the message server received it, in microseconds since 1970; else the first time in its spans. */
  readonly startUs: number;
  /** Its spans. In a trace with one email, all spans are its own. */
  readonly spans: readonly ZipkinSpan[];
}

/** An email's own spans, which carry its id. */
const EMAIL_STEPS = new Set(["schedule-email", "amqp-publish", "amqp-retry", "emailer"]);
/** The spans of a poll that concern every email that it handles. */
export const POLL_WIDE: ReadonlySet<string> = new Set(["poll-email", "fetch-inbox"]);
/** The spans with the id that their mail claims, which counts where the mail's trace is lost. */
const CLAIMING = new Set(["store-message", "archive-email"]);

/** Whether a span is a step of an email, even of one whose id is not known. */
export function isAboutEmail({ name = "" }: ZipkinSpan): boolean {
  return EMAIL_STEPS.has(name);
}

/** Separates the emails of a trace by the ids in the spans and by their parents, in order of acceptance. */
export function emailsOf(spans: readonly ZipkinSpan[]): readonly TracedEmail[] {
  const records = Map.groupBy(spans, spanKey);
  const ownerOf = ownersOf(spans, records);
  const groups = Map.groupBy(spans, ownerOf);
  groups.delete(undefined);
  return Array.from(groups, ([owner = "", own]): TracedEmail => {
    const requests = own.filter(isRequest).toSorted(byTime);
    const spanId = requests[0]?.id;
    return {
      emailId: EMAIL_ID.test(owner) ? owner : undefined,
      spanId,
      startUs: requests[0]?.timestamp ?? firstTimeOf(own),
      spans: groups.size === 1 ? spans : own,
    };
  }).toSorted((a, b) => a.startUs - b.startUs);
}

/** Whether an email is the one of this id: its own, or that of the `schedule-email` span of a request for it. */
export function isNamed({ emailId, spans }: TracedEmail, id: string | undefined): boolean {
  if (id === undefined) return false;
  return emailId === id || spans.some((span) => isRequest(span) && span.id === id);
}

/**
 * Identifies the spans of the picture of an email among those of its trace and its polls: its own, the caller's above them, and
 * those that the polls share. Not kept with each email: a trace may have thousands of both.
 */
export function keysOf(
  { spans: own }: TracedEmail,
  spans: readonly ZipkinSpan[],
): ReadonlySet<string> {
  const records = Map.groupBy(spans, spanKey);
  const ownerOf = ownersOf(spans, records);
  const traceIds = new Set(own.map(({ traceId }) => traceId));
  const common = spans.filter((span) =>
    POLL_WIDE.has(span.name ?? "") && traceIds.has(span.traceId) && ownerOf(span) === undefined
  );
  return new Set([...own, ...callersOf(own, records, ownerOf), ...common].map(spanKey));
}

/** The tags that identify emails and their states. */
const FACTS = [
  attribute.amqpRoutingKey,
  attribute.attempt,
  attribute.correlationId,
  attribute.maxAttempts,
  attribute.messagingMessageId,
  attribute.originSpanId,
  attribute.originTraceId,
  attribute.outcome,
  attribute.recipientDomain,
  attribute.retryTraceId,
  attribute.synthetic,
  attribute.traceThroughSmtp,
  "error",
] as const;

/** A span without the members that only a picture needs, to save memory. */
export function factsOf(
  { traceId, id, parentId, name, kind, timestamp, duration, tags = {} }: ZipkinSpan,
): ZipkinSpan {
  return {
    traceId,
    id,
    parentId,
    name,
    kind,
    timestamp,
    duration,
    tags: Object.fromEntries(FACTS.flatMap((tag) => {
      const value = tags[tag];
      return value === undefined ? [] : [[tag, value]];
    })),
  };
}

type Records = ReadonlyMap<string | undefined, readonly ZipkinSpan[]>;
type OwnerOf = (span: ZipkinSpan) => string | undefined;

/** Makes the function that finds the email of a span: its id, or else the id of its request's span. */
function ownersOf(spans: readonly ZipkinSpan[], records: Records): OwnerOf {
  const steps = spans.filter((span) => isAboutEmail(span) && emailIdIn(span) !== undefined);
  const knownIds = new Set(steps.map(emailIdIn));
  const below = Map.groupBy(steps, parentKey);
  /** Computed once for each key: thousands of spans may share one. */
  const idByKey = new Map<string, string | undefined>();
  const idAt = (key: string) =>
    idByKey.getOrInsertComputed(
      key,
      () => only(records.get(key)?.map(emailIdIn)) ?? only(below.get(key)?.map(emailIdIn)),
    );
  const directOwner = (span: ZipkinSpan): string | undefined => {
    if (CLAIMING.has(span.name ?? "") && !records.has(keyAbove(span))) {
      const id = emailIdIn(span);
      return knownIds.has(id) ? id : undefined;
    }
    if (!isAboutEmail(span)) return undefined;
    return emailIdIn(span) ?? idAt(spanKey(span)) ?? (isRequest(span) ? span.id : undefined);
  };
  /** By keys; a span without an id belongs to the email of the span above it. */
  const owners = new Map<string | undefined, string | undefined>();
  for (const [key, own] of records) {
    const direct = own.map(directOwner).filter((owner) => owner !== undefined);
    if (direct.length > 0) owners.set(key, only(direct));
  }
  const continuing = Map.groupBy(spans, keyAbove);
  // What is added meanwhile comes last.
  for (const [key, owner] of owners) {
    for (const span of continuing.get(key) ?? []) {
      if (!owners.has(spanKey(span))) owners.set(spanKey(span), owner);
    }
  }
  return (span) => directOwner(span) ?? owners.get(spanKey(span));
}

/** The single id among these; below a span of several emails, spans belong to none. */
function only(ids: readonly (string | undefined)[] = []): string | undefined {
  const [id, ...others] = new Set(ids.filter((id) => id !== undefined));
  return others.length === 0 ? id : undefined;
}

function callersOf(
  own: readonly ZipkinSpan[],
  records: Records,
  ownerOf: OwnerOf,
): readonly ZipkinSpan[] {
  const path = new Set(own);
  // What is added meanwhile comes last.
  for (const span of path) {
    for (const above of records.get(parentKey(span)) ?? []) {
      if (ownerOf(above) === undefined) path.add(above);
    }
  }
  return [...path].filter((span) => ownerOf(span) === undefined);
}

function emailIdIn({ name = "", tags = {} }: ZipkinSpan): string | undefined {
  if (!EMAIL_STEPS.has(name) && !CLAIMING.has(name)) return undefined;
  const id = tags[attribute.correlationId] ?? tags[attribute.messagingMessageId] ?? "";
  return EMAIL_ID.test(id) ? id.toLowerCase() : undefined;
}

/** A poll's step, or a linked retry, names the span of another trace that it continues. */
function keyAbove(span: ZipkinSpan): string | undefined {
  return originKey(span) ?? parentKey(span);
}

function isRequest({ name }: ZipkinSpan): boolean {
  return name === "schedule-email";
}

function firstTimeOf(spans: readonly ZipkinSpan[]): number {
  return spans.toSorted(byTime)[0]?.timestamp ?? 0;
}

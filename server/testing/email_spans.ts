/**
 * The spans of an email, step by step, as the services report them; for tests.
 *
 * @module
 */
import type { ZipkinKind, ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

export const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
export const POLL_TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
/** When the request came: 2026-11-01T12:00:00Z. */
export const START_MS = 1_793_534_400_000;
export const DOCUMENT_ID = "d".repeat(64);

export interface StepOptions {
  /** Milliseconds after the request came. */
  readonly atMs: number;
  /** Milliseconds. @default 10 */
  readonly forMs?: number;
  readonly error?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

const make = (
  id: string,
  name: string,
  serviceName: string,
  { atMs, forMs = 10, error, tags = {} }: StepOptions,
  rest: { readonly kind?: ZipkinKind; readonly parentId?: string; readonly traceId?: string } = {},
): ZipkinSpan => ({
  traceId: TRACE_ID,
  id: id.padStart(16, "0"),
  name,
  timestamp: (START_MS + atMs) * 1_000,
  duration: forMs * 1_000,
  localEndpoint: { serviceName },
  tags: { ...tags, ...(error === undefined ? {} : { error }) },
  ...rest,
  ...(rest.parentId === undefined ? {} : { parentId: rest.parentId.padStart(16, "0") }),
});

export function scheduled(options: Partial<StepOptions> = {}): ZipkinSpan {
  return make("a0", "schedule-email", "message-server", { atMs: 0, forMs: 20, ...options }, {
    kind: "SERVER",
  });
}

/** The publish of an attempt: the producer's half. */
export function published(attempt: number, options: StepOptions, retryDelay = ""): ZipkinSpan {
  const isFirst = attempt === 1;
  return make(
    `b${attempt}`,
    isFirst ? "amqp-publish" : "amqp-retry",
    isFirst ? "message-server" : "emailer",
    {
      ...options,
      tags: {
        "messaging.message.id": "0190d6f2-8c1a-7a60-8000-000000000001",
        "amqp.routing_key": isFirst ? "send.email" : `send-email.retry.${retryDelay}`,
        ...options.tags,
      },
    },
    { kind: "PRODUCER", parentId: isFirst ? "a0" : `c${attempt - 1}` },
  );
}

/** The receipt of an attempt: the broker's half of the publish, which lasts until the receipt. */
export function received(attempt: number, options: StepOptions): ZipkinSpan {
  const isFirst = attempt === 1;
  return make(`b${attempt}`, isFirst ? "amqp-publish" : "amqp-retry", "rabbitmq", options, {
    kind: "CONSUMER",
    parentId: isFirst ? "a0" : `c${attempt - 1}`,
  });
}

/** An attempt that is over, and its conversation with the mail server. */
export function attempted(
  attempt: number,
  outcome: string,
  options: StepOptions,
): readonly ZipkinSpan[] {
  const tags = { attempt: String(attempt), max_attempts: "6", outcome, ...options.tags };
  const { atMs, forMs = 10 } = options;
  return [
    make(`c${attempt}`, "emailer", "emailer", { ...options, tags }, {
      kind: "SERVER",
      parentId: `b${attempt}`,
    }),
    make(
      `d${attempt}`,
      "send-email",
      "emailer",
      {
        atMs: atMs + 1,
        forMs: forMs - 2,
        ...(options.error === undefined ? {} : { error: options.error }),
      },
      { kind: "CLIENT", parentId: `c${attempt}` },
    ),
  ];
}

export function archived(options: StepOptions): ZipkinSpan {
  return make("e1", "archive-email", "mail-poller", {
    ...options,
    tags: { "db.object_id": DOCUMENT_ID, ...options.tags },
  }, { parentId: "c1" });
}

/** A poll that handled the email; `error` is that of the store. */
export function polled(number: number, { atMs, error }: StepOptions): readonly ZipkinSpan[] {
  const span = (id: string, name: string, offsetMs: number, reason?: string) =>
    make(
      `f${number}${id}`,
      name,
      "mail-poller",
      {
        atMs: atMs + offsetMs,
        tags: { "origin.trace_id": TRACE_ID },
        ...(reason === undefined ? {} : { error: reason }),
      },
      { kind: "CLIENT", parentId: `f${number}0`, traceId: POLL_TRACE_ID },
    );
  return [
    make(`f${number}0`, "poll-email", "mail-poller", { atMs, forMs: 40 }, {
      traceId: POLL_TRACE_ID,
    }),
    span("2", "fetch-message", 10),
    span("3", "store-message", 20, error),
  ];
}

/** The listing of the inbox by a poll. */
export function listed(options: StepOptions): ZipkinSpan {
  return make("f01", "fetch-inbox", "mail-poller", options, {
    kind: "CLIENT",
    parentId: "f00",
    traceId: POLL_TRACE_ID,
  });
}

/** The steps until the first attempt is over. */
export function firstAttempt(
  outcome: string,
  options: Partial<StepOptions> = {},
): readonly ZipkinSpan[] {
  return [
    scheduled(),
    published(1, { atMs: 5 }),
    received(1, { atMs: 5, forMs: 95 }),
    ...attempted(1, outcome, { atMs: 100, forMs: 50, ...options }),
  ];
}

export function emailIdOf(number: number): string {
  return `0190d6f2-8c1a-7a60-8000-${String(number).padStart(12, "0")}`;
}

/** The same steps for an email of this number, so that one trace can hold several. */
export function ofEmail(number: number, spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const own = (id: string) => `${number}${id.slice(1)}`;
  return spans.map((span) => {
    const { "messaging.message.id": told, "origin.trace_id": origin, ...tags } = span.tags ?? {};
    return {
      ...span,
      id: own(span.id),
      ...(span.parentId === undefined ? {} : { parentId: own(span.parentId) }),
      tags: {
        ...tags,
        ...(told === undefined ? {} : { "messaging.message.id": emailIdOf(number) }),
        ...(origin === undefined
          ? {}
          : { "origin.trace_id": origin, "origin.span_id": own("c1".padStart(16, "0")) }),
      },
    };
  });
}

/** The trace of an attempt, where each has its own. */
export function traceOfAttempt(attempt: number): string {
  return attempt === 1 ? TRACE_ID : TRACE_ID.replace(/..$/, String(attempt).padStart(2, "0"));
}

/** The same steps where each attempt after the first is a trace of its own (`TRACE_RETRIES=link`). */
export function inLinkedTraces(spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const lastAttempt = Math.max(...spans.map(attemptOf));
  return spans.map((span) => {
    const { name, kind, parentId = "", tags = {}, ...rest } = span;
    const attempt = name === "archive-email" ? lastAttempt : attemptOf(span);
    const traceId = traceOfAttempt(attempt);
    const before = traceOfAttempt(attempt - 1);
    if (name === "amqp-retry") {
      return kind === "CONSUMER"
        ? { ...span, traceId: before, tags: { ...tags, "retry.trace_id": traceId } }
        : { ...span, traceId: before };
    }
    if (name !== "emailer" || attempt === 1) return { ...span, traceId };
    const origin = { "origin.trace_id": before, "origin.span_id": parentId };
    return { ...rest, name, kind, traceId, tags: { ...tags, ...origin } };
  });
}

/** The ids of the steps of an attempt end with its number. */
function attemptOf({ id }: ZipkinSpan): number {
  return Number(/[bcd](\d)$/.exec(id)?.[1] ?? 1);
}

/** The same steps in a trace of their own, some time later. */
export function inTrace(
  traceId: string,
  spans: readonly ZipkinSpan[],
  laterMs = 0,
): readonly ZipkinSpan[] {
  return spans.map((span) => ({
    ...span,
    traceId,
    timestamp: (span.timestamp ?? 0) + laterMs * 1_000,
  }));
}

/** The same spans, below a caller that reports none. */
export function belowCaller(spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  return spans.map((span) =>
    span.name === "schedule-email" ? { ...span, parentId: "ca11e4".padStart(16, "0") } : span
  );
}

const REMOTES: Readonly<Record<string, string>> = {
  "send-email": "mailtrap",
  "fetch-inbox": "mailtrap",
  "fetch-message": "mailtrap",
  "store-message": "mongodb",
};

/** The same spans with the other sides of their calls, from which a map is drawn. */
export function withRemotes(spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  return spans.map((span) => {
    const { name = "", kind } = span;
    const sender = name === "amqp-publish" ? "message-server" : "emailer";
    const ofMessage = kind === "PRODUCER" ? "rabbitmq" : kind === "CONSUMER" ? sender : undefined;
    const serviceName = ofMessage ?? REMOTES[name];
    return serviceName === undefined ? span : { ...span, remoteEndpoint: { serviceName } };
  });
}

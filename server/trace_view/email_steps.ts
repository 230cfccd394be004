/**
 * The spans of an email, step by step, as the services report them: for the examples of page and API, and for tests.
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
  timestamp: Math.round((START_MS + atMs) * 1_000),
  duration: Math.round(forMs * 1_000),
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
  sending: Partial<StepOptions> = {},
): readonly ZipkinSpan[] {
  const tags = { attempt: String(attempt), max_attempts: "6", outcome, ...options.tags };
  const { atMs, forMs = 10, error } = options;
  return [
    make(`c${attempt}`, "emailer", "emailer", { ...options, tags }, {
      kind: "SERVER",
      parentId: `b${attempt}`,
    }),
    make(
      `d${attempt}`,
      "send-email",
      "emailer",
      { atMs: atMs + 1, forMs: forMs - 2, error, ...sending },
      { kind: "CLIENT", parentId: `c${attempt}` },
    ),
  ];
}

export function archived(options: StepOptions, attempt = 1): ZipkinSpan {
  return make("e1", "archive-email", "mail-poller", {
    ...options,
    tags: { "db.object_id": DOCUMENT_ID, ...options.tags },
  }, { parentId: `c${attempt}` });
}

/** A poll that handled the email; `error` is that of the store. */
export function polled(number: number, { atMs, error }: StepOptions): readonly ZipkinSpan[] {
  const span = (id: string, name: string, offsetMs: number, reason?: string) =>
    make(
      `f${number}${id}`,
      name,
      "mail-poller",
      { atMs: atMs + offsetMs, tags: { "origin.trace_id": TRACE_ID }, error: reason },
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

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
  /** What is logged at its end. */
  readonly log?: string;
}

export const make = (
  [id, parentId]: readonly [string, string?],
  [name, serviceName, kind, remote]: readonly [string, string, ZipkinKind?, string?],
  { atMs, forMs = 10, error, tags = {}, log }: StepOptions,
  traceId = TRACE_ID,
): ZipkinSpan => ({
  traceId,
  id: id.padStart(16, "0"),
  ...(parentId === undefined ? {} : { parentId: parentId.padStart(16, "0") }),
  name,
  ...(kind === undefined ? {} : { kind }),
  timestamp: microseconds(START_MS + atMs),
  duration: microseconds(forMs),
  localEndpoint: { serviceName },
  ...(remote === undefined ? {} : { remoteEndpoint: { serviceName: remote } }),
  ...(log === undefined
    ? {}
    : { annotations: [{ timestamp: microseconds(START_MS + atMs + forMs), value: log }] }),
  tags: { ...tags, ...(error === undefined ? {} : { error }) },
});

function microseconds(ms: number): number {
  return Math.round(ms * 1_000);
}

export function scheduled(options: Partial<StepOptions> = {}): ZipkinSpan {
  const step = { atMs: 0, forMs: 20, ...options };
  return make(["a0"], ["schedule-email", "message-server", "SERVER"], step);
}

/** The message of an attempt: the ids of its publish, the publish's name, and the publisher. */
function messageOf(attempt: number) {
  return attempt === 1
    ? [["b1", "a0"], "amqp-publish", "message-server"] as const
    : [[`b${attempt}`, `c${attempt - 1}`], "amqp-retry", "emailer"] as const;
}

/** The publish of an attempt: the producer's half. */
export function published(attempt: number, options: StepOptions, retryDelay = ""): ZipkinSpan {
  const [ids, name, publisher] = messageOf(attempt);
  const tags = {
    "messaging.message.id": "0190d6f2-8c1a-7a60-8000-000000000001",
    "amqp.routing_key": attempt === 1 ? "send.email" : `send-email.retry.${retryDelay}`,
    ...options.tags,
  };
  return make(ids, [name, publisher, "PRODUCER", "rabbitmq"], { ...options, tags });
}

/** The receipt of an attempt: the broker's half of the publish, which lasts until the receipt. */
export function received(attempt: number, options: StepOptions): ZipkinSpan {
  const [ids, name, publisher] = messageOf(attempt);
  return make(ids, [name, "rabbitmq", "CONSUMER", publisher], options);
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
  const sent = { atMs: atMs + 1, forMs: forMs - 2, error, ...sending };
  return [
    make([`c${attempt}`, `b${attempt}`], ["emailer", "emailer", "SERVER"], { ...options, tags }),
    make([`d${attempt}`, `c${attempt}`], ["send-email", "emailer", "CLIENT", "mailtrap"], sent),
  ];
}

export function archived(options: StepOptions, attempt = 1): ZipkinSpan {
  const tags = { "db.object_id": DOCUMENT_ID, ...options.tags };
  return make(["e1", `c${attempt}`], ["archive-email", "mail-poller"], { ...options, tags });
}

/** A poll that handled the email; `error` is that of the store. */
export function polled(number: number, { atMs, error }: StepOptions): readonly ZipkinSpan[] {
  const tags = { "origin.trace_id": TRACE_ID };
  const ids = (step: number) => [`f${number}${step}`, `f${number}0`] as const;
  return [
    make([`f${number}0`], ["poll-email", "mail-poller"], { atMs, forMs: 40 }, POLL_TRACE_ID),
    make(
      ids(2),
      ["fetch-message", "mail-poller", "CLIENT", "mailtrap"],
      { atMs: atMs + 10, tags },
      POLL_TRACE_ID,
    ),
    make(
      ids(3),
      ["store-message", "mail-poller", "CLIENT", "mongodb"],
      { atMs: atMs + 20, tags, error },
      POLL_TRACE_ID,
    ),
  ];
}

export function listed(options: StepOptions): ZipkinSpan {
  const step = ["fetch-inbox", "mail-poller", "CLIENT", "mailtrap"] as const;
  return make(["f01", "f00"], step, options, POLL_TRACE_ID);
}

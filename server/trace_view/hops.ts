import { z } from "zod";
import type { EmailState } from "./email_state.ts";
import type { TraceRow } from "./rows.ts";

/** The progress of a hop: not begun, in progress, done, or failed. */
export const hopState = z.enum(["idle", "active", "done", "failed"]);

export type HopState = z.output<typeof hopState>;

/** One hop of an email, from one party to the next. */
export const hop = z.object({
  state: hopState,
  /** Its duration, or the last wait's, in microseconds; absent until it is over. */
  durationUs: z.int().min(0).optional(),
  waiting: z.boolean(),
  waitingSince: z.iso.datetime().optional(),
  attemptCount: z.int().min(0),
  error: z.string().optional(),
  /** The rows of the spans that belong to it. */
  rowKeys: z.array(z.string()).readonly(),
});

export type Hop = Readonly<z.output<typeof hop>>;

/** The rows of an email by hop, each list in order of time; `startUs` is when the picture starts, in microseconds since 1970. */
export function journeyOf(state: EmailState, startUs: number, rows: readonly TraceRow[]) {
  const inOrder = rows.toSorted((a, b) => a.fromUs - b.fromUs);
  const named = (...names: readonly string[]) => inOrder.filter(({ name }) => names.includes(name));
  return {
    state,
    startUs,
    request: named("schedule-email")[0],
    /** More than one when it was requeued from the dead letters. */
    publishes: named("amqp-publish"),
    messages: named("amqp-publish", "amqp-retry"),
    attempts: named("emailer"),
    sends: named("send-email"),
    archivings: named("archive-email"),
    fetches: named("fetch-message"),
    listings: named("fetch-inbox"),
    stores: named("store-message"),
  };
}

export type Journey = Readonly<ReturnType<typeof journeyOf>>;

const IDLE: Hop = { state: "idle", waiting: false, attemptCount: 0, rowKeys: [] };

/** From the client to the message server: the request. */
export function requestHop({ request, publishes, attempts }: Journey): Hop {
  if (request === undefined) {
    // Its span arrives last, when the answer is ready; its effects are proof enough.
    return publishes.length + attempts.length === 0 ? IDLE : hopOf("done", [], { attemptCount: 1 });
  }
  const { error } = request;
  return hopOf(error === undefined ? "done" : "failed", [request], {
    durationUs: durationOf(request),
    error,
  });
}

/** From the message server to RabbitMQ: the publish, until its confirm. */
export function publishHop({ publishes, messages, attempts }: Journey): Hop {
  const last = publishes.at(-1);
  const hasArrived = attempts.length > 0 || messages.some(isReceived);
  if (last === undefined) return hasArrived ? hopOf("done", [], { attemptCount: 1 }) : IDLE;
  // A late confirm is an error, but the message may have arrived.
  const { error, wait } = last;
  return hopOf(error === undefined || hasArrived ? "done" : "failed", publishes, {
    durationUs: wait === undefined ? durationOf(last) : wait.fromUs - last.fromUs,
    error,
  });
}

/** From RabbitMQ to the emailer: the wait in the queue; while it lasts, in a retry queue too. */
export function queueHop({ state, startUs, publishes, messages, attempts }: Journey): Hop {
  const last = messages.at(-1);
  const received = messages.filter(isReceived);
  if (last === undefined) return attempts.length === 0 ? IDLE : hopOf("done", [], {});
  const attemptCount = Math.max(received.length, attempts.length);
  if (state.name === "queued" || state.name === "retrying") {
    return hopOf("active", messages, {
      attemptCount,
      waiting: true,
      waitingSince: isoTime(startUs + last.fromUs),
    });
  }
  if (attemptCount === 0) return IDLE; // The broker did not take it.
  // The waits in the retry queues are told by themselves.
  const durationUs = lengthOf(publishes.findLast(isReceived)?.wait) ?? 0;
  return hopOf("done", messages, { attemptCount, durationUs });
}

/** From the emailer to Mailtrap: the conversation with the mail server. */
export function sendHop({ state, attempts, sends }: Journey): Hop {
  const last = sends.at(-1);
  const attemptCount = Math.max(attempts.length, sends.length);
  switch (state.name) {
    case "sending":
      return hopOf("active", sends, { attemptCount: attempts.length + 1 });
    case "delivered":
    case "archived":
      return hopOf("done", sends, {
        attemptCount: Math.max(attemptCount, 1),
        durationUs: durationOf(last),
      });
    case "retrying":
      return hopOf("failed", sends, { attemptCount, error: state.reason });
    default:
      // Not even tried, when the document itself was the problem.
      return last === undefined
        ? IDLE
        : hopOf("failed", sends, { attemptCount, error: last.error });
  }
}

/** From Mailtrap to the mail poller: the wait until the next poll. */
export function fetchHop(journey: Journey): Hop {
  const { state, startUs, archivings, fetches, listings, attempts } = journey;
  const rows = [...archivings, ...fetches];
  if (state.name === "archived") {
    const archiving = archivings.at(-1);
    return hopOf("done", rows, {
      attemptCount: Math.max(fetches.length, 1),
      durationUs: lengthOf(archiving?.wait) ?? durationOf(archiving),
    });
  }
  if (state.name !== "delivered" || !state.followed) return IDLE;
  const error = listings.at(-1)?.error ?? fetches.at(-1)?.error;
  const delivered = attempts.at(-1);
  return hopOf(error === undefined ? "active" : "failed", rows, {
    attemptCount: fetches.length,
    waiting: true,
    waitingSince: delivered &&
      isoTime(startUs + delivered.fromUs + (delivered.durationUs ?? 0)),
    error,
  });
}

/** From the mail poller to MongoDB: the write. */
export function storeHop({ state, stores }: Journey): Hop {
  const last = stores.at(-1);
  if (state.name === "archived") {
    return hopOf("done", stores, {
      attemptCount: Math.max(stores.length, 1),
      durationUs: durationOf(last),
    });
  }
  return last?.error === undefined ? IDLE : hopOf("failed", stores, { error: last.error });
}

/** Unknown members are undefined, hence absent in JSON. */
function hopOf(
  state: HopState,
  rows: readonly TraceRow[],
  { waiting = false, attemptCount = rows.length, ...facts }: Partial<Hop>,
): Hop {
  return { ...facts, state, waiting, attemptCount, rowKeys: rows.map(({ key }) => key) };
}

function isReceived({ kinds }: TraceRow): boolean {
  return kinds.includes("CONSUMER");
}

function durationOf(row: TraceRow | undefined): number | undefined {
  return row?.durationUs ?? undefined;
}

function lengthOf(wait: TraceRow["wait"]): number | undefined {
  return wait && wait.toUs - wait.fromUs;
}

function isoTime(us: number): string {
  return new Date(us / 1_000).toISOString();
}

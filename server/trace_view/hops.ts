import { isReceived, type Journey } from "./journey.ts";
import type { TraceRow } from "./rows.ts";

/** How far something is: not yet begun, under way, over, or gone wrong. */
export const HOP_STATES = ["idle", "active", "done", "failed"] as const;

/** One of {@linkcode HOP_STATES}. */
export type HopState = typeof HOP_STATES[number];

/** What is known of an email's way from one party to the next. */
export interface Hop {
  /** How far it is. */
  readonly state: HopState;
  /** How long it took, or the last wait on it; absent while it is not over. */
  readonly durationUs?: number;
  /** Whether the email waits here. */
  readonly waiting: boolean;
  /** Since when, as an ISO time. */
  readonly waitingSince?: string;
  /** How often it was gone. */
  readonly attemptCount: number;
  /** Why the last attempt failed. */
  readonly error?: string;
  /** The rows that tell of it. */
  readonly rowKeys: readonly string[];
}

const IDLE: Hop = { state: "idle", waiting: false, attemptCount: 0, rowKeys: [] };

/** From the client to the message server: the request. */
export function requestHop({ request, publishes, attempts }: Journey): Hop {
  if (request === undefined) {
    // Its span comes last, when the answer is ready; what came of it is proof enough.
    return publishes.length + attempts.length === 0 ? IDLE : hop("done", [], { attemptCount: 1 });
  }
  return hop(request.error === undefined ? "done" : "failed", [request], {
    ...durationOf(request),
    ...errorOf(request),
  });
}

/** From the message server to RabbitMQ: the publish, until its confirm. */
export function publishHop({ publishes, messages, attempts }: Journey): Hop {
  const last = publishes.at(-1);
  const hasArrived = attempts.length > 0 || messages.some(isReceived);
  if (last === undefined) return hasArrived ? hop("done", [], { attemptCount: 1 }) : IDLE;
  // A confirm that did not come in time is an error, and yet the message may have arrived.
  return hop(last.error === undefined || hasArrived ? "done" : "failed", publishes, {
    ...(last.wait === undefined
      ? durationOf(last)
      : { durationUs: last.wait.fromUs - last.fromUs }),
    ...errorOf(last),
  });
}

/** From RabbitMQ to the emailer: the wait in the queue, and in the retry queues. */
export function queueHop({ state, startUs, messages, attempts }: Journey): Hop {
  const last = messages.at(-1);
  const received = messages.filter(isReceived);
  if (last === undefined) return attempts.length === 0 ? IDLE : hop("done", [], {});
  const attemptCount = Math.max(received.length, attempts.length);
  if (state.name === "queued" || state.name === "retrying") {
    return hop("active", messages, {
      attemptCount,
      waiting: true,
      waitingSince: isoTime(startUs + last.fromUs),
    });
  }
  if (attemptCount === 0) return IDLE; // The broker did not take it.
  const wait = received.at(-1)?.wait;
  return hop("done", messages, {
    attemptCount,
    durationUs: wait === undefined ? 0 : wait.toUs - wait.fromUs,
  });
}

/** From the emailer to Mailtrap: the conversation with the mail server. */
export function sendHop({ state, attempts, sends }: Journey): Hop {
  const last = sends.at(-1);
  const attemptCount = Math.max(attempts.length, sends.length);
  switch (state.name) {
    case "sending":
      return hop("active", sends, { attemptCount: attempts.length + 1 });
    case "delivered":
    case "archived":
      return hop("done", sends, {
        attemptCount: Math.max(attemptCount, 1),
        ...(last === undefined ? {} : durationOf(last)),
      });
    case "retrying":
      return hop("failed", sends, { attemptCount, error: state.reason });
    default:
      // Not even tried, when the document itself was the problem.
      return last === undefined ? IDLE : hop("failed", sends, { attemptCount, ...errorOf(last) });
  }
}

/** From Mailtrap to the mail poller: the wait until the next poll. */
export function fetchHop(journey: Journey): Hop {
  const { state, startUs, archivings, fetches, attempts } = journey;
  const rows = [...archivings, ...fetches];
  if (state.name === "archived") {
    const archiving = archivings.at(-1);
    const wait = archiving?.wait;
    return hop("done", rows, {
      attemptCount: Math.max(fetches.length, 1),
      ...(wait !== undefined
        ? { durationUs: wait.toUs - wait.fromUs }
        : archiving === undefined
        ? {}
        : durationOf(archiving)),
    });
  }
  if (state.name !== "delivered" || !state.followed) return IDLE;
  const failure = fetches.at(-1)?.error;
  const delivered = attempts.at(-1);
  return hop(failure === undefined ? "active" : "failed", rows, {
    attemptCount: fetches.length,
    waiting: true,
    ...(delivered === undefined ? {} : {
      waitingSince: isoTime(startUs + delivered.fromUs + (delivered.durationUs ?? 0)),
    }),
    ...(failure === undefined ? {} : { error: failure }),
  });
}

/** From the mail poller to MongoDB: the write. */
export function storeHop({ state, stores }: Journey): Hop {
  const last = stores.at(-1);
  if (state.name === "archived") {
    return hop("done", stores, {
      attemptCount: Math.max(stores.length, 1),
      ...(last === undefined ? {} : durationOf(last)),
    });
  }
  return last?.error === undefined ? IDLE : hop("failed", stores, { ...errorOf(last) });
}

function hop(
  state: HopState,
  rows: readonly TraceRow[],
  facts: Partial<Omit<Hop, "state" | "rowKeys">>,
): Hop {
  return {
    state,
    waiting: false,
    attemptCount: rows.length,
    ...facts,
    rowKeys: rows.map(({ key }) => key),
  };
}

function durationOf({ durationUs }: TraceRow): { readonly durationUs?: number } {
  return durationUs === null ? {} : { durationUs };
}

function errorOf({ error }: TraceRow): { readonly error?: string } {
  return error === undefined ? {} : { error };
}

function isoTime(us: number): string {
  return new Date(us / 1_000).toISOString();
}

import { PARTIES } from "@playground/shared/tracing/parties";
import { z } from "zod";
import type { EmailState } from "./email_state.ts";
import type { TraceRow } from "./rows.ts";

/** Orders services: the parties along the journey, then others by name. */
export function byJourney(a: string, b: string): number {
  const [left, right] = [a, b].map((id) => PARTIES.findIndex((party) => party.id === id) >>> 0);
  return (left ?? 0) - (right ?? 0) || (a < b ? -1 : Number(a > b));
}

/** The progress of a hop: not begun, in progress, done, or failed. */
const hopState = z.enum(["idle", "active", "done", "failed"]);

type HopState = z.output<typeof hopState>;

/** One hop of an email, from one party to the next. */
const hop = z.object({
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

type Hop = Readonly<z.output<typeof hop>>;

/** The system along an email's journey. */
export const diagram = z.object({
  nodes: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      /** `active` where the email is now, `done` where it has been, `failed` where it was stopped. */
      state: hopState,
    }).readonly(),
  ).readonly(),
  edges: z.array(
    z.object({
      /** `from>to`. */
      id: z.string(),
      from: z.string(),
      to: z.string(),
      label: z.string(),
      ...hop.shape,
    }).readonly(),
  ).readonly(),
}).readonly();

/** The system as an email passes it; see {@linkcode diagram}. */
export type Diagram = z.output<typeof diagram>;

/** The edges between the parties, in the same order. */
const EDGES = [
  ["client", "message-server", "POST /email", requestHop],
  ["message-server", "rabbitmq", "publish and confirm", publishHop],
  ["rabbitmq", "emailer", "waiting in the queue", queueHop],
  ["emailer", "mailtrap", "SMTP", sendHop],
  ["mailtrap", "mail-poller", "waiting until the next poll", fetchHop],
  ["mail-poller", "mongodb", "store", storeHop],
] as const;

/** The rows of an email by hop, each list in order of time. */
function journeyOf(state: EmailState, startUs: number, rows: readonly TraceRow[]) {
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

type Journey = Readonly<ReturnType<typeof journeyOf>>;

/** Draws where an email has been, where it is and where it failed; the picture starts at `startUs` (since 1970). */
export function toDiagram(state: EmailState, startUs: number, rows: readonly TraceRow[]): Diagram {
  const journey = journeyOf(state, startUs, rows);
  const edges = EDGES.map(([from, to, label, hopOf]) => (
    { id: `${from}>${to}`, from, to, label, ...hopOf(journey) }
  ));
  const [request, publish, queue, send, fetch, store] = edges.map(({ state }) => state);
  const states: Readonly<Record<typeof PARTIES[number]["id"], HopState | undefined>> = {
    client: request === "idle" ? "idle" : "done",
    // A party that refuses an email without passing it on is its last one.
    "message-server": request === "failed" && publish !== "idle" ? "done" : request,
    rabbitmq: queue === "active" ? "active" : publish,
    emailer: state.name === "sending"
      ? "active"
      : state.name === "dead-lettered"
      ? "failed"
      : journey.attempts.length === 0
      ? "idle"
      : "done",
    mailtrap: state.name === "delivered" && state.followed
      ? "active"
      : send === "active"
      ? "idle"
      : send,
    "mail-poller": store === "failed" ? "done" : fetch === "active" ? "idle" : fetch,
    mongodb: store,
  };
  return {
    nodes: PARTIES.map(({ id, name }) => ({ id, label: name, state: states[id] ?? "idle" })),
    edges,
  };
}

const IDLE: Hop = { state: "idle", waiting: false, attemptCount: 0, rowKeys: [] };

/** From the client to the message server: the request. */
function requestHop({ request, publishes, attempts }: Journey): Hop {
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
function publishHop({ publishes, messages, attempts }: Journey): Hop {
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
function queueHop({ state, startUs, publishes, messages, attempts }: Journey): Hop {
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
  // The waits in the retry queues are shown separately.
  const durationUs = lengthOf(publishes.findLast(isReceived)?.wait) ?? 0;
  return hopOf("done", messages, { attemptCount, durationUs });
}

/** From the emailer to Mailtrap: the conversation with the mail server. */
function sendHop({ state, attempts, sends }: Journey): Hop {
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
      // Without this span, no mail was sent: the document is not valid.
      return last === undefined
        ? IDLE
        : hopOf("failed", sends, { attemptCount, error: last.error });
  }
}

/** From Mailtrap to the mail poller: the wait until the next poll. */
function fetchHop(journey: Journey): Hop {
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
function storeHop({ state, stores }: Journey): Hop {
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

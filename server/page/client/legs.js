/**
 * The journey of an email as legs in time, read from its spans. The legs determine the picture at any moment.
 *
 * @import { Diagram, DiagramEdge, EmailState, Journeyed, Progress, Row } from "./types.ts"
 */
import { AT, EDGES, PARTIES, WAY } from "./parties.js";

/**
 * A part of the journey: from one party to the next, or from the emailer back through a retry queue.
 *
 * @typedef {object} Leg
 * @property {number | "retry"} on Which way, as in {@linkcode WAY}.
 * @property {number} fromUs
 * @property {number} toUs
 * @property {string | undefined} error Why it failed.
 * @property {Row} row Its span.
 */

/**
 * Where the email is: between two parties (`at` 2.5 is half way from the third to the fourth), or on the arc of the retry queues, from
 * 0 at the emailer to 1 at the broker.
 *
 * @typedef {{ readonly track: "way" | "retry", readonly at: number }} Place
 */

/**
 * The picture of the journey at a moment.
 *
 * @typedef {object} Moment
 * @property {EmailState} state
 * @property {Diagram} diagram
 * @property {Place | undefined} place Where its envelope is.
 * @property {number | undefined} retryLeftUs How long until the next attempt.
 * @property {readonly Pill[]} pills
 */

/**
 * A wait for a retry.
 *
 * @typedef {object} Pill
 * @property {string} label Its planned length: `30 s`.
 * @property {number} delayMs The same in milliseconds.
 * @property {number} part The elapsed part, from 0 to 1; the clock determines a current wait's.
 * @property {boolean} isCurrent Whether the email waits there.
 */

/** The finished legs in order of time. @param {readonly Row[]} rows @returns {readonly Leg[]} */
export function legsOf(rows) {
  const named = (/** @type {string} */ wanted) => rows.filter(({ name }) => name === wanted);
  /** @param {Leg["on"]} on @param {readonly Row[]} rows @param {boolean} [hasFailed] */
  const waits = (on, rows, hasFailed) =>
    rows.flatMap((row) =>
      row.wait === undefined ? [] : [leg(on, row, row.wait.fromUs, row.wait.toUs, hasFailed)]
    );
  const publishes = named("amqp-publish");
  const firstPublishUs = Math.min(...publishes.map(({ fromUs }) => fromUs));
  const archivings = named("archive-email");
  return [
    ...named("schedule-email").map((row) => {
      const toUs = Math.min(endOf(row), firstPublishUs);
      return leg(WAY.request, row, row.fromUs, toUs, publishes.length === 0);
    }),
    ...publishes.map((row) => {
      const toUs = row.wait?.fromUs ?? endOf(row);
      return leg(WAY.publish, row, row.fromUs, toUs, row.wait === undefined);
    }),
    ...waits(WAY.queue, publishes),
    ...named("send-email").map((row) => leg(WAY.send, row, row.fromUs, endOf(row))),
    ...waits("retry", named("amqp-retry"), false),
    ...waits(WAY.poll, archivings),
    // If the poll's spans are in the email's own trace, only they show the wait.
    ...(archivings.length > 0 ? [] : named("fetch-message"))
      .map((row) => leg(WAY.poll, row, row.fromUs, endOf(row))),
    ...named("store-message").map((row) => leg(WAY.store, row, row.fromUs, endOf(row))),
  ].toSorted((a, b) => a.fromUs - b.fromUs);
}

/**
 * @param {Leg["on"]} on @param {Row} row @param {number} fromUs @param {number} toUs
 * @param {boolean} [hasFailed] Whether an error of the span is one of this leg.
 * @returns {Leg}
 */
function leg(on, row, fromUs, toUs, hasFailed = true) {
  return {
    on,
    row,
    fromUs,
    toUs: Math.max(fromUs, toUs),
    error: hasFailed ? row.error : undefined,
  };
}

/** When a span was over; its start while it has no end. @param {Pick<Row, "fromUs" | "durationUs">} row */
export function endOf({ fromUs, durationUs }) {
  return fromUs + (durationUs ?? 0);
}

/**
 * The picture of the journey at a past moment.
 *
 * @param {Journeyed} trace @param {readonly Leg[]} legs
 * @param {number} atUs The moment, in microseconds from the start of the picture.
 * @returns {Moment}
 */
export function momentAt(trace, legs, atUs) {
  const last = legs.at(-1);
  if (last === undefined || atUs >= last.toUs) return momentNow(trace);
  const begun = legs.filter(({ fromUs }) => fromUs <= atUs);
  const current = begun.findLast(({ toUs }) => atUs < toUs);
  const latest = current ?? begun.at(-1);
  const part = current === undefined
    ? 1
    : (atUs - current.fromUs) / Math.max(1, current.toUs - current.fromUs);
  return {
    state: stateAfter(trace, begun, current),
    diagram: diagramAfter(begun, current),
    place: latest === undefined ? { track: "way", at: 0 } : placeOn(latest, part),
    retryLeftUs: current?.on === "retry" ? current.toUs - atUs : undefined,
    pills: pillsOf(
      begun.filter(({ on }) => on === "retry").map(({ row }) => row),
      current?.on === "retry" ? part : undefined,
    ),
  };
}

/** @param {Journeyed} trace @returns {Moment} */
export function momentNow(trace) {
  const { state, diagram, rows } = trace;
  return {
    state,
    diagram: state.name === "retrying" ? withoutQueue(trace) : diagram,
    place: placeNow(state),
    retryLeftUs: undefined,
    pills: pillsOf(
      rows.filter(({ name }) => name === "amqp-retry"),
      state.name === "retrying" ? 0 : undefined,
    ),
  };
}

/** The diagram of an email that waits on the arc, not on its earlier edge. @param {Journeyed} trace @returns {Diagram} */
function withoutQueue({ diagram: { nodes, edges }, rows }) {
  const { wait } = rows.findLast(({ name }) => name === "amqp-publish") ?? {};
  return {
    nodes,
    edges: edges.map(({ waitingSince: _, ...edge }, way) =>
      way === WAY.queue
        ? {
          ...edge,
          state: "done",
          waiting: false,
          durationUs: wait === undefined ? undefined : wait.toUs - wait.fromUs,
        }
        : edge
    ),
  };
}

/** Where an email is that no queue for retries holds. */
const PLACES = {
  accepted: AT.broker,
  queued: AT.broker,
  sending: AT.emailer + 0.5,
  delivered: AT.mailtrap,
  archived: AT.archive,
  "dead-lettered": AT.emailer,
  refused: AT.server,
};

/** @param {EmailState} state @returns {Place} */
function placeNow({ name }) {
  return name === "retrying" ? { track: "retry", at: 0.5 } : { track: "way", at: PLACES[name] };
}

/** @param {Pick<Leg, "on" | "error">} leg @param {number} part @returns {Place} */
function placeOn({ on, error }, part) {
  if (on === "retry") return { track: "retry", at: part };
  // A failed leg reaches the cross on its edge, then returns to its start.
  if (error !== undefined) return { track: "way", at: part < 1 ? on + part / 2 : on };
  return { track: "way", at: on + part };
}

/** @param {Journeyed} trace @param {readonly Leg[]} begun @param {Leg | undefined} current @returns {EmailState} */
function stateAfter({ rows }, begun, current) {
  const sends = begun.filter(({ on }) => on === WAY.send);
  const attempt = Math.max(1, sends.length);
  const last = sends.findLast((leg) => leg !== current);
  if (current?.on === WAY.send) return { name: "sending", attempt };
  if (last !== undefined && last.error === undefined) return { name: "delivered", followed: true };
  if (last?.error !== undefined) {
    const maxAttempts = maxAttemptsOf(rows);
    return { name: "retrying", attempt, reason: last.error, ...(maxAttempts && { maxAttempts }) };
  }
  return begun.some(({ on }) => on === WAY.queue) ? { name: "queued" } : { name: "accepted" };
}

/** @param {readonly Row[]} rows */
export function maxAttemptsOf(rows) {
  const count = Number(rows.find(({ tags }) => tags.max_attempts !== undefined)?.tags.max_attempts);
  return count > 0 ? count : undefined;
}

/** @param {readonly Leg[]} begun @param {Leg | undefined} current @returns {Diagram} */
function diagramAfter(begun, current) {
  const furthest = Math.max(...begun.map(({ on }) => on === "retry" ? WAY.queue : on));
  const edges = EDGES.map((id, way) => {
    const edge = edgeAfter(id, begun.filter(({ on }) => on === way), current);
    // A wait that was too short to measure left no leg.
    if (way < furthest && edge.state === "idle") edge.state = "done";
    return edge;
  });
  const isWaiting = current?.on === "retry";
  const here = Math.floor(placeOn(current ?? begun.at(-1) ?? NOWHERE, current ? 0 : 1).at);
  return {
    edges,
    nodes: PARTIES.map(({ id }, index) => {
      const state = index === 0 ? "done" : edges[index - 1]?.state ?? "idle";
      const isHere = isWaiting ? index === AT.broker : index === here;
      return { id, state: isHere ? "active" : state === "active" ? "idle" : state };
    }),
  };
}

/** @type {Pick<Leg, "on" | "error">} */
const NOWHERE = { on: 0, error: undefined };

/** @param {string} id @param {readonly Leg[]} legs @param {Leg | undefined} current */
function edgeAfter(id, legs, current) {
  const over = legs.filter((leg) => leg !== current);
  const last = over.at(-1);
  const isCurrent = over.length < legs.length;
  /** @type {Progress} */
  const state = isCurrent
    ? "active"
    : last === undefined
    ? "idle"
    : last.error === undefined
    ? "done"
    : "failed";
  return {
    id,
    state,
    waiting: isCurrent && (current?.on === WAY.queue || current?.on === WAY.poll),
    attemptCount: legs.length,
    rowKeys: legs.map(({ row }) => row.key),
    ...(state === "done" && last && { durationUs: last.toUs - last.fromUs }),
    ...(last?.error !== undefined && { error: last.error }),
  };
}

/**
 * @param {readonly Row[]} retries
 * @param {number | undefined} part The elapsed part of the last one; `undefined`: all are over.
 * @returns {Pill[]}
 */
function pillsOf(retries, part) {
  return retries.map(({ tags, wait }, index) => {
    const isCurrent = part !== undefined && index === retries.length - 1;
    const time = { isCurrent, part: isCurrent ? part : 1 };
    const queue = Object.values(tags).find((value) => RETRY_QUEUE.test(value));
    const [, amount = "", unit = ""] = RETRY_QUEUE.exec(queue ?? "") ?? [];
    // Spans of an older emailer do not name the queue of a returned message.
    if (amount === "") {
      const delayMs = wait === undefined ? 0 : (wait.toUs - wait.fromUs) / 1_000;
      const label = delayMs === 0 ? "wait" : `${Math.round(delayMs / 1_000)} s`;
      return { ...time, label, delayMs };
    }
    return {
      ...time,
      label: `${amount} ${unit === "m" ? "min" : unit}`,
      delayMs: Number(amount) * (UNITS_MS[unit] ?? 0),
    };
  });
}

/** A retry queue has its delay in its name: `send-email.retry.30s`. */
const RETRY_QUEUE = /\.retry\.(\d+)(ms|s|m|h)$/;

/** @type {Readonly<Record<string, number>>} */
const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * The journey of an email as legs in time, read from its spans. The legs determine the picture at any moment.
 *
 * @module
 * @import { Diagram, DiagramEdge, EmailState, Journeyed, Progress, Row } from "./types.ts"
 */
import { AT, PARTIES, WAY } from "./parties.js";

/**
 * A part of the journey: from one party to the next, or from the emailer back through a retry queue.
 *
 * @typedef {object} Leg
 * @property {number | "retry"} on Which way, as in {@linkcode WAY}.
 * @property {number} fromUs When it began.
 * @property {number} toUs When it was over.
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
 * @property {EmailState} state Where the email is.
 * @property {Diagram} diagram How far it is.
 * @property {Place | undefined} place Where its envelope is.
 * @property {number | undefined} retryLeftUs How long until the next attempt.
 * @property {readonly Pill[]} pills The waits for a retry.
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

/**
 * Reads the legs of an email.
 *
 * @param {readonly Row[]} rows Its spans.
 * @returns {readonly Leg[]} The finished legs in order of time.
 */
export function legsOf(rows) {
  const named = (/** @type {string[]} */ ...names) =>
    rows.filter(({ name }) => names.includes(name));
  const publishes = named("amqp-publish");
  const firstPublishUs = Math.min(...publishes.map(({ fromUs }) => fromUs));
  const archivings = named("archive-email");
  return [
    ...named("schedule-email").map((row) =>
      leg(WAY.request, row, row.fromUs, Math.min(endOf(row), firstPublishUs), {
        hasFailed: publishes.length === 0 && row.error !== undefined,
      })
    ),
    ...publishes.map((row) =>
      leg(WAY.publish, row, row.fromUs, row.wait?.fromUs ?? endOf(row), {
        hasFailed: row.wait === undefined && row.error !== undefined,
      })
    ),
    ...publishes.flatMap((row) =>
      row.wait === undefined ? [] : [leg(WAY.queue, row, row.wait.fromUs, row.wait.toUs)]
    ),
    ...named("send-email").map((row) => leg(WAY.send, row, row.fromUs, endOf(row))),
    ...named("amqp-retry").flatMap((row) =>
      row.wait === undefined
        ? []
        : [leg("retry", row, row.wait.fromUs, row.wait.toUs, { hasFailed: false })]
    ),
    ...archivings.flatMap((row) =>
      row.wait === undefined ? [] : [leg(WAY.poll, row, row.wait.fromUs, row.wait.toUs)]
    ),
    // If the poll's spans are in the email's own trace, only they show the wait.
    ...(archivings.length > 0 ? [] : named("fetch-message")).map((row) =>
      leg(WAY.poll, row, row.fromUs, endOf(row))
    ),
    ...named("store-message").map((row) => leg(WAY.store, row, row.fromUs, endOf(row))),
  ].toSorted((a, b) => a.fromUs - b.fromUs);
}

/**
 * @param {Leg["on"]} on
 * @param {Row} row
 * @param {number} fromUs
 * @param {number} toUs
 * @param {{ hasFailed?: boolean }} [options]
 * @returns {Leg}
 */
function leg(on, row, fromUs, toUs, { hasFailed = row.error !== undefined } = {}) {
  return {
    on,
    row,
    fromUs,
    toUs: Math.max(fromUs, toUs),
    error: hasFailed ? row.error : undefined,
  };
}

/**
 * When a span was over.
 *
 * @param {Row} row The span.
 * @returns {number} Its end, or its start while it has none.
 */
export function endOf({ fromUs, durationUs }) {
  return fromUs + (durationUs ?? 0);
}

/**
 * The picture of the journey at a past moment.
 *
 * @param {Journeyed} trace The email.
 * @param {readonly Leg[]} legs Its legs.
 * @param {number} atUs The moment, in microseconds from the start of the picture.
 * @returns {Moment} The picture.
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
    pills: pillsOf(begun.filter(({ on }) => on === "retry").map(({ row }) => row)).map(
      (pill, index, all) => {
        const isCurrent = current?.on === "retry" && index === all.length - 1;
        return { ...pill, isCurrent, part: isCurrent ? part : 1 };
      },
    ),
  };
}

/**
 * The current picture of the journey.
 *
 * @param {Journeyed} trace The email.
 * @returns {Moment} The picture.
 */
export function momentNow(trace) {
  const { state, diagram, rows } = trace;
  return {
    state,
    diagram: state.name === "retrying" ? withoutQueue(trace) : diagram,
    place: placeNow(state),
    retryLeftUs: undefined,
    pills: pillsOf(rows.filter(({ name }) => name === "amqp-retry")).map((pill, index, all) => {
      const isCurrent = state.name === "retrying" && index === all.length - 1;
      return { ...pill, isCurrent, part: isCurrent ? 0 : 1 };
    }),
  };
}

/**
 * The diagram of an email that waits for a retry: it waits on the arc, not on its earlier edge.
 *
 * @param {Journeyed} trace
 * @returns {Diagram}
 */
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

/** @param {EmailState} state @returns {Place | undefined} */
function placeNow(state) {
  switch (state.name) {
    case "accepted":
    case "queued":
      return { track: "way", at: AT.broker };
    case "sending":
      return { track: "way", at: AT.emailer + 0.5 };
    case "retrying":
      return { track: "retry", at: 0.5 };
    case "delivered":
      return { track: "way", at: AT.mailtrap };
    case "archived":
      return { track: "way", at: AT.archive };
    case "dead-lettered":
      return { track: "way", at: AT.emailer };
    case "refused":
      return { track: "way", at: AT.server };
  }
}

/**
 * @param {Pick<Leg, "on" | "error">} leg
 * @param {number} part
 * @returns {Place}
 */
function placeOn({ on, error }, part) {
  if (on === "retry") return { track: "retry", at: part };
  // A failed leg reaches the cross on its edge, then returns to its start.
  if (error !== undefined) return { track: "way", at: part < 1 ? on + part / 2 : on };
  return { track: "way", at: on + part };
}

/**
 * @param {Journeyed} trace
 * @param {readonly Leg[]} begun
 * @param {Leg | undefined} current
 * @returns {EmailState}
 */
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

/**
 * The number of attempts for an email.
 *
 * @param {readonly Row[]} rows Its spans.
 * @returns {number | undefined} From the emailer's span; `undefined` if unknown.
 */
export function maxAttemptsOf(rows) {
  const count = Number(rows.find(({ tags }) => tags.max_attempts !== undefined)?.tags.max_attempts);
  return count > 0 ? count : undefined;
}

/**
 * @param {readonly Leg[]} begun
 * @param {Leg | undefined} current
 * @returns {Diagram}
 */
function diagramAfter(begun, current) {
  const furthest = Math.max(...begun.map(({ on }) => on === "retry" ? WAY.queue : on));
  const edges = PARTIES.slice(1).map((party, way) => {
    const id = `${PARTIES[way]?.id}>${party.id}`;
    const edge = edgeAfter(id, begun.filter(({ on }) => on === way), current);
    // A wait that was too short to be seen left no leg.
    return way < furthest && edge.state === "idle" ? { ...edge, state: DONE } : edge;
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

/** @type {Progress} */
const DONE = "done";

/** @type {Pick<Leg, "on" | "error">} */
const NOWHERE = { on: 0, error: undefined };

/**
 * @param {string} id
 * @param {readonly Leg[]} legs
 * @param {Leg | undefined} current
 * @returns {DiagramEdge}
 */
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
 * @returns {{ label: string, delayMs: number }[]}
 */
function pillsOf(retries) {
  return retries.map(({ tags, wait }) => {
    const queue = Object.values(tags).find((value) => RETRY_QUEUE.test(value));
    const [, amount = "", unit = ""] = RETRY_QUEUE.exec(queue ?? "") ?? [];
    // Spans of an older emailer do not name the queue of a returned message.
    if (amount === "") {
      const delayMs = wait === undefined ? 0 : (wait.toUs - wait.fromUs) / 1_000;
      return { label: delayMs === 0 ? "wait" : `${Math.round(delayMs / 1_000)} s`, delayMs };
    }
    return {
      label: `${amount} ${unit === "m" ? "min" : unit}`,
      delayMs: Number(amount) * (UNITS_MS[unit] ?? 0),
    };
  });
}

/** A retry queue has its delay in its name: `send-email.retry.30s`. */
const RETRY_QUEUE = /\.retry\.(\d+)(ms|s|m|h)$/;

/** @type {Readonly<Record<string, number>>} */
const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/**
 * The picture of the system with the email in it: horizontal for wide windows, vertical for narrow ones.
 *
 * @import { Moment, Pill, Place } from "./legs.js"
 * @import { DiagramEdge, Progress } from "./types.ts"
 */
import { computed } from "@preact/signals";
import { html } from "htm/preact";
import { Counting } from "./controls.js";
import { envelope } from "./envelope.js";
import { openFaults } from "./faults.js";
import { formatCounting, formatWay, shortened } from "./format.js";
import { Icon } from "./icons.js";
import { maxAttemptsOf } from "./legs.js";
import { AT, EDGES, PARTIES, VERBS, WAY } from "./parties.js";
import { faults, litKeys, rows, shownRow } from "./state.js";

/** @typedef {readonly [x: number, y: number]} Point */

/** @typedef {{ isWide: boolean, viewBox: string, size: number, centre: (index: number) => Point }} Layout Sizes and centres are those of the parties' boxes. */

/** @type {readonly Layout[]} */
const LAYOUTS = [
  { isWide: true, viewBox: "0 -12 1200 238", size: 76, centre: (at) => [66 + 178 * at, 136] },
  { isWide: false, viewBox: "0 0 340 640", size: 50, centre: (at) => [78, 32 + 96 * at] },
];

/** An arrow's distance from a box, and the length of its head. */
const [GAP, HEAD] = [7, 11];

/** The most attempts that fit. */
const MAX_PIPS = 8;

/** Room for `500 ms`, and how many waits have their place in the vertical picture, two in a line. */
const [PILL_WIDTH, MAX_NARROW_PILLS] = [58, 6];

/** @type {Omit<DiagramEdge, "id">} */
const IDLE = { state: "idle", waiting: false, attemptCount: 0, rowKeys: [] };

/** @param {{ moment: Moment | undefined, label: string }} props */
export function JourneyMap({ moment, label }) {
  return LAYOUTS.map((layout) =>
    html`
      <svg key=${layout.viewBox} class=${layout.isWide ? "map wide" : "map narrow"}
        viewBox=${layout.viewBox} role="group" aria-label=${label}>
        <${RetryArc} layout=${layout} moment=${moment} />
        ${VERBS.map((verb, way) =>
          html`
            <${Edge} key=${verb} layout=${layout} way=${way} verb=${verb}
              edge=${moment?.diagram.edges[way] ?? IDLE} />
          `
        )}
        ${PARTIES.map((party, index) =>
          html`
            <${Station} key=${party.id} layout=${layout} party=${party} index=${index}
              moment=${moment} />
          `
        )}
        <${Envelope} layout=${layout} />
      </svg>
    `
  );
}

/** @param {{ layout: Layout, way: number, verb: string, edge: Omit<DiagramEdge, "id"> }} props */
function Edge({ layout, way, verb, edge }) {
  const { isWide } = layout;
  const [[fromX, fromY], [toX, toY]] = [layout.centre(way), layout.centre(way + 1)];
  const half = layout.size / 2;
  const [x, y] = [(fromX + toX) / 2, (fromY + toY) / 2];
  const hasFailed = edge.state === "failed";
  const isMarked = edge.rowKeys.includes(shownRow.value?.key ?? "");
  const light = (/** @type {readonly string[]} */ keys) => () => litKeys.value = keys;
  const line = isWide
    ? `M${fromX + half + GAP} ${fromY}H${toX - half - GAP - HEAD + 2}`
    : `M${fromX} ${fromY + half + GAP - 3}V${toY - half - GAP - HEAD + 4}`;
  const head = isWide
    ? `M${toX - half - GAP} ${toY}l-${HEAD}-6v12z`
    : `M${toX} ${toY - half - GAP + 3}l-6-${HEAD}h12z`;
  const hasPips = way === WAY.send && edge.attemptCount > 1 || hasFailed;
  return html`
    <g class=${isMarked ? "edge marked" : "edge"} data-edge=${EDGES[way]}
      data-state=${edge.state} data-waiting=${String(edge.waiting)} data-tone=${toneOf(edge)}
      onPointerEnter=${light(edge.rowKeys)} onPointerLeave=${light([])}>
      <path class="line" d=${line} /><path class="head" d=${head} />
      ${hasFailed && html`
        <${Flag} layout=${layout} x=${x} y=${y} reason=${edge.error} />
        <circle class="bad" cx=${x} cy=${y} r="14" />
        <path class="check" d=${`M${x - 5} ${y - 5}l10 10m0-10l-10 10`} />
      `}
      ${isWide
        ? html`
          ${!hasFailed && html`<text class="verb" x=${x} y=${y - 21}>${verb}</text>`}
          <text class="time" x=${x} y=${y + (hasFailed ? 34 : 27)}>${timeOf(edge)}</text>
        `
        : html`
          ${!hasFailed && !hasPips && html`<text class="verb" x="118" y=${y + 4}>${verb}</text>`}
          <text class="time" x=${hasPips ? 232 : 210} y=${hasFailed ? y + 13 : y + 4}>${timeOf(
            edge,
          )}</text>
        `}
      ${way === WAY.send && hasPips &&
        html`<${Pips} edge=${edge} x=${isWide ? x - 40 : 124} y=${
          isWide ? hasFailed ? y - 73 : y + 46 : y + (hasFailed ? 9 : 0)
        } />`}
    </g>
  `;
}

/** @param {Pick<DiagramEdge, "state" | "waiting">} edge */
function toneOf({ state, waiting }) {
  if (state === "active") return waiting ? "wait" : "now";
  return state === "failed" ? "fail" : state;
}

/** @param {Omit<DiagramEdge, "id">} edge */
function timeOf({ state, waiting, waitingSince, durationUs, attemptCount }) {
  if (state === "failed") return attemptCount > 1 ? `${attemptCount} failed` : "failed";
  if (waiting && waitingSince !== undefined) {
    const sinceMs = Date.parse(waitingSince);
    return html`<${Counting} textAt=${(/** @type {number} */ nowMs) =>
      formatCounting(nowMs - sinceMs)} />`;
  }
  return durationUs === undefined ? "" : formatWay(durationUs);
}

/** @param {{ layout: Layout, x: number, y: number, reason: string | undefined }} props */
function Flag({ layout, x, y, reason = "" }) {
  const { isWide } = layout;
  const shape = isWide
    ? `M${x - 66} 24h132a8 8 0 0 1 8 8v42a8 8 0 0 1-8 8H${x + 8}L${x} 96l-8-14H${
      x - 66
    }a8 8 0 0 1-8-8V32a8 8 0 0 1 8-8z`
    : `M116 ${
      y - 22
    }h206a8 8 0 0 1 8 8v26a8 8 0 0 1-8 8H116a8 8 0 0 1-8-8v-4l-10-8 10-8v-6a8 8 0 0 1 8-8z`;
  return html`
    <g class="flag">
      <path d=${shape} />
      <text x=${isWide ? x : 120} y=${isWide ? 47 : y - 6}>${shortReason(reason)}</text>
    </g>
  `;
}

/** An error short enough for a flag: a mail server's reply by its code. @param {string} reason */
function shortReason(reason) {
  const [, code] = /^([45]\d\d)\b/.exec(reason) ?? [];
  if (code !== undefined) return `${code}: ${code.startsWith("4") ? "try later" : "refused"}`;
  return shortened(reason, 18) || "failed";
}

/**
 * The attempts: a cross for each that failed, a tick, a ring for each that is left.
 *
 * @param {{ edge: Omit<DiagramEdge, "id">, x: number, y: number }} props
 */
function Pips({ edge: { state, attemptCount }, x, y }) {
  const failedCount = attemptCount - (state === "failed" ? 0 : 1);
  const count = Math.min(MAX_PIPS, Math.max(maxAttemptsOf(rows.value) ?? 0, attemptCount));
  return Array.from({ length: count }, (_, index) => {
    const kind = index < failedCount ? "x" : index === failedCount && state === "done" ? "v" : "o";
    const shape =
      { x: "m-4-4l8 8m0-8l-8 8", v: "m-4 0l3 4 6-8", o: "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0" }[kind];
    return html`<path class=${`pip ${kind}`} d=${`M${x + index * 16} ${y}${shape}`} />`;
  });
}

/** @param {{ layout: Layout, party: { id: string, name: string }, index: number, moment: Moment | undefined }} props */
function Station({ layout, party: { id, name }, index, moment }) {
  const { size, isWide } = layout;
  const [x, y] = layout.centre(index);
  const half = size / 2;
  const glyph = size * 0.46;
  const state = moment?.diagram.nodes[index]?.state ?? "idle";
  const note = moment === undefined ? "" : noteOf(id, state, moment);
  const mark = markOf(id, state);
  const parts = PARTS[id] ?? [];
  const canBreak = faults.value.some(({ part }) => parts.includes(part));
  const open = () => openFaults(parts);
  const button = canBreak && {
    role: "button",
    tabindex: 0,
    "aria-haspopup": "dialog",
    onClick: open,
    onKeyDown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      open();
    },
  };
  return html`
    <g class="station" data-node=${id} data-service=${id} data-state=${state}
      ...${button}>
      <rect class="halo" x=${x - half - 5} y=${y - half - 5} width=${size + 10} height=${size +
        10} rx="20" />
      <rect class="box" x=${x - half} y=${y - half} width=${size} height=${size} rx="16" />
      <${Icon} name=${id} class="glyph" x=${x - glyph / 2} y=${y -
        glyph / 2} width=${glyph} height=${glyph} />
      ${mark !== undefined && html`
        <g data-tone=${mark}>
          <circle class="mark" cx=${x + half - 3} cy=${y - half + 3} r="10" />
          <path class="check" d=${`M${x + half - 3} ${y - half + 3}${MARKS[mark]}`} />
        </g>
      `}
      <text class="party" x=${isWide ? x : 118} y=${isWide ? y + half + 24 : y - 1}>${name}</text>
      <text class="note" x=${isWide ? x : 118} y=${isWide ? y + half + 44 : y + 17}>${note}</text>
    </g>
  `;
}

/** Each party's faults. @type {Readonly<Record<string, readonly string[]>>} */
const PARTS = {
  "rabbitmq": ["rabbitmq"],
  "mailtrap": ["smtp", "mailtrap-api"],
  "mongodb": ["mongodb"],
};

const MARKS = { done: "m-4 .5l3 3 5-6", wait: "m0-5v5l3 2", fail: "m-3.5-3.5l7 7m0-7l-7 7" };

/** @param {string} id @param {Progress} state @returns {keyof typeof MARKS | undefined} */
function markOf(id, state) {
  if (state === "done") return "done";
  if (state === "failed") return "fail";
  return state === "active" && (id === "rabbitmq" || id === "mailtrap") ? "wait" : undefined;
}

/** What each party does with the email, in words. @type {Readonly<Record<string, Partial<Record<Progress, string>>>>} */
const NOTES = {
  "message-server": { done: "confirmed", failed: "refused it" },
  "rabbitmq": { active: "holds it", done: "passed it on", failed: "did not take it" },
  "emailer": { done: "sent it", failed: "gave it up" },
  "mailtrap": { active: "holds it", done: "took it", failed: "did not take it" },
  "mail-poller": { done: "fetched it", failed: "could not fetch it" },
  "mongodb": { done: "has it", failed: "did not take it" },
};

/** @param {string} id @param {Progress} progress @param {Moment} moment */
function noteOf(id, progress, { state, diagram, pills }) {
  const { error = "", attemptCount = 0 } = diagram.edges[WAY.send] ?? {};
  const note = NOTES[id]?.[progress] ?? "";
  switch (`${id} ${progress}`) {
    case "client active":
    case "client done":
      if (diagram.edges[WAY.request]?.state !== "done") return "";
      return state.name === "refused" ? "was refused" : "has its 202";
    case "rabbitmq active":
      return [note, pills.find(({ isCurrent }) => isCurrent)?.label].filter(Boolean).join(" ");
    case "emailer active":
      return `attempt ${Math.max(1, attemptCount)}`;
    case "emailer done":
      if (state.name === "retrying") return "free for others";
      return attemptCount > 1 ? `${attemptCount} attempts` : note;
    case "mailtrap failed": {
      const [code] = /^[45]\d\d\b/.exec(error) ?? [];
      return code === undefined ? note : `answers ${code}`;
    }
    default:
      return note;
  }
}

/** The arc back through the retry queues. @param {{ layout: Layout, moment: Moment | undefined }} props */
function RetryArc({ layout, moment }) {
  const { isWide } = layout;
  const [[brokerX, brokerY], [emailerX]] = [layout.centre(AT.broker), layout.centre(AT.emailer)];
  const half = layout.size / 2;
  const { pills = [], state } = moment ?? {};
  const isWaiting = pills.some(({ isCurrent }) => isCurrent);
  const [start, ...bends] = arcOf(layout);
  const tone = isWaiting ? "wait" : pills.length > 0 ? "done" : "idle";
  const head = isWide
    ? `M${brokerX} ${brokerY - half - 7}l-6-${HEAD}h12z`
    : `M${brokerX - half - 6} ${brokerY}l-${HEAD}-6v12z`;
  const shown = isWide ? pills : pills.slice(-MAX_NARROW_PILLS);
  const columns = isWide ? pills.length : 2;
  const left = isWide ? (brokerX + emailerX) / 2 - 31 * pills.length + 2 : 218;
  const top = isWide ? -9 : brokerY + 1 - 12.5 * Math.ceil(shown.length / columns);
  return html`
    <g class="edge arc" data-tone=${tone} data-waiting=${String(isWaiting)}>
      <path class="line" d=${`M${start?.join(" ")}C${bends.flat().join(" ")}`} />
      <path class="head" d=${head} />
      ${isWide && html`<text class="verb" x=${(brokerX + emailerX) / 2} y="82">retry queues</text>`}
    </g>
    ${shown.map((pill, index) => {
      const { label, isCurrent } = pill;
      const due = isCurrent && state?.name === "retrying" ? state.nextAttemptAt : undefined;
      const x = left + (PILL_WIDTH + 4) * (index % columns);
      const y = top + 25 * Math.floor(index / columns);
      const shape = { x, y, height: 23, rx: 6 };
      return html`
        <g class="wait-pill" data-current=${String(isCurrent)}>
          <rect width=${PILL_WIDTH} ...${shape} />
          <${Fill} due=${due} pill=${pill} shape=${shape} />
          <text x=${x + PILL_WIDTH / 2} y=${y + 16.5}>${label}</text>
        </g>
      `;
    })}
  `;
}

/** The elapsed part of a wait. @param {{ due: string | undefined, pill: Pill, shape: object }} props */
function Fill({ due, pill: { part, delayMs }, shape }) {
  const fill = (/** @type {number} */ part) =>
    html`<rect class="fill" width=${PILL_WIDTH * Math.min(1, Math.max(0, part))} ...${shape} />`;
  if (due === undefined || delayMs === 0) return fill(part);
  const textAt = (/** @type {number} */ nowMs) => fill(1 - (Date.parse(due) - nowMs) / delayMs);
  return html`<${Counting} textAt=${textAt} />`;
}

/** A cubic curve from the emailer back to the broker. @param {Layout} layout @returns {readonly Point[]} */
function arcOf({ isWide, size, centre }) {
  const [[toX, toY], [fromX, fromY]] = [centre(AT.broker), centre(AT.emailer)];
  const half = size / 2;
  return isWide
    ? [[fromX, fromY - half - 6], [fromX, 26], [toX, 26], [toX, toY - half - 8]]
    : [[fromX - half - 5, fromY], [14, fromY], [14, toY], [toX - half - 7, toY]];
}

/** @param {{ layout: Layout }} props */
function Envelope({ layout }) {
  const transform = computed(() => {
    const place = envelope.value;
    return `translate(${place === undefined ? "0 0" : pointOf(layout, place).join(" ")})`;
  });
  const visibility = computed(() =>
    envelope.value === undefined || envelope.value.at >= AT.archive ? "hidden" : "visible"
  );
  return html`
    <path class="envelope" transform=${transform} visibility=${visibility}
      d="M-19-14h38v28h-38zM19-14L0 3-19-14" />
  `;
}

/** @param {Layout} layout @param {Place} place @returns {Point} */
function pointOf(layout, { track, at }) {
  // The parties stand in a line, at the same distance from each other.
  if (track === "way") return layout.centre(Math.min(at, AT.archive));
  const weights = [(1 - at) ** 3, 3 * at * (1 - at) ** 2, 3 * at ** 2 * (1 - at), at ** 3];
  const sum = (/** @type {0 | 1} */ axis) =>
    arcOf(layout).reduce((sum, point, index) => sum + point[axis] * (weights[index] ?? 0), 0);
  return [sum(0), sum(1)];
}

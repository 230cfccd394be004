/**
 * The services of the emails that the filter finds, and the calls between them: a picture, or a table where it has no room. Each
 * call leads to its emails.
 *
 * @import { Answered } from "./answers.js"
 * @import { MapEdge, ServiceMapAnswer } from "./types.ts"
 */
import { html } from "htm/preact";
import { useAnswer } from "./answers.js";
import { query } from "./explore_filter.js";
import { countOf, formatDuration, shortened } from "./format.js";
import { Icon, isIconName } from "./icons.js";
import { PARTIES } from "./parties.js";
import { parameters } from "./state.js";

/** Half the size of a service's box. */
const [HALF_WIDTH, HALF_HEIGHT] = [56, 26];
/** An arrow's distance from a box. */
const GAP = 4;
const COLUMNS = [60, 210, 360];
const [TOP, BOTTOM, ROW] = [40, 236, 116];
/** Room above the boxes for the calls that go back. */
const ABOVE = 48;

/** @typedef {readonly [x: number, y: number]} Place */

/** The places of our services; other services are below. @type {Readonly<Record<string, Place>>} */
const PLACES = {
  "message-server": [60, TOP],
  "rabbitmq": [210, TOP],
  "emailer": [360, TOP],
  "mailtrap": [360, BOTTOM],
  "mail-poller": [210, BOTTOM],
  "mongodb": [60, BOTTOM],
};
const MAX_STRANGERS = 12;
/** The longest name that fits into a box. */
const MAX_NAME_LENGTH = 14;

/** @type {Place} */
const NOWHERE = [NaN, NaN];
const RETRY = "emailer>rabbitmq";

/** About the width of a letter, and the size of the two lines of a label. */
const LETTER = 6.8;
const LABEL = { width: 150, height: 30 };

/** Where the labels of our services' calls have room; other labels are on their lines. @type {Readonly<Record<string, Place>>} */
const WORDS = {
  "message-server>rabbitmq": [130, 90],
  "rabbitmq>emailer": [281, 90],
  "emailer>rabbitmq": [285, -26],
  "emailer>mailtrap": [270, 138],
  "mail-poller>mailtrap": [281, 186],
  "mail-poller>mongodb": [130, 186],
};

export function ServiceMap() {
  /** @type {Answered<ServiceMapAnswer>} */
  const { body, problem } = useAnswer(`/api/explore/map?${query.value}`);
  const { nodes = [], edges = [] } = body ?? {};
  const strangers = nodes.filter(({ id }) => PLACES[id] === undefined);
  const shown = strangers.slice(0, MAX_STRANGERS);
  const places = new Map([
    ...Object.entries(PLACES),
    ...shown.map(({ id }, index) => /** @type {const} */ ([id, placeOf(index)])),
  ]);
  const drawn = draw(edges.filter(({ from, to }) => places.has(from) && places.has(to)), places);
  const rows = Math.ceil(shown.length / COLUMNS.length);
  const height = ABOVE + BOTTOM + HALF_HEIGHT + 4 + rows * (ROW + 8);
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  const services = [...PARTIES.slice(1), ...shown.map(({ id, label }) => ({ id, name: label }))];
  return html`
    <section class="card" id="service-map" aria-labelledby="service-map-title">
      <header class="flow">
        <h2 id="service-map-title">Service map</h2>
        <span class="muted">${problem?.detail ??
          (body && (edges.length > 0 ? "A line leads to its emails." : "No calls."))}</span>
      </header>
      <svg class="call-map" viewBox=${`0 ${-ABOVE} 420 ${height}`} role="group" aria-label="Service map">
        ${["idle", "fail", "now"].map((tone) =>
          html`
            <marker id=${`arrow-${tone}`} data-tone=${tone} viewBox="0 0 8 8" refX="4" refY="4"
              markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
              <path d="M0 0l8 4-8 4z" />
            </marker>
          `
        )}
        ${drawn.map((call) =>
          html`<${Edge} key=${keyOf(call.edge)} ...${call} labels=${labels} />`
        )}
        ${services.map(({ id, name }) =>
          html`
            <${Service} key=${id} id=${id} name=${name}
              place=${places.get(id)} isCalled=${labels.has(id)} />
          `
        )}
      </svg>
      ${strangers.length > shown.length && html`
        <p class="muted">And ${strangers.length - shown.length} more services.</p>
      `}
      <table>
        <thead>
          <tr>${["From", "To", "Calls", "Failed", "p50", "p95"].map((title) =>
            html`<th scope="col">${title}</th>`
          )}</tr>
        </thead>
        <tbody>
          ${edges.map((edge) =>
            html`
              <tr key=${keyOf(edge)} data-tone=${edge.errorCount > 0 ? "fail" : undefined}>
                <td>${labels.get(edge.from)}</td>
                <td><a href=${hrefOf(edge)}>${labels.get(edge.to)}</a></td>
                <td>${edge.callCount}</td>
                <td>${edge.errorCount > 0 &&
                  html`<a href=${hrefOf(edge, true)}>${edge.errorCount}</a>`}</td>
                <td>${timeOf(edge.p50Us)}</td>
                <td>${timeOf(edge.p95Us)}</td>
              </tr>
            `
          )}
        </tbody>
      </table>
    </section>
  `;
}

/** @param {{ id: string, name: string, place: Place, isCalled: boolean }} props */
function Service({ id, name, place: [x, y], isCalled }) {
  return html`
    <g class=${isCalled ? "service" : "service idle"} data-service=${id}>
      <rect x=${x - HALF_WIDTH} y=${y - HALF_HEIGHT} width=${2 * HALF_WIDTH}
        height=${2 * HALF_HEIGHT} rx="10" />
      ${isIconName(id) &&
        html`<${Icon} name=${id} x=${x - 9} y=${y - 21} width="18" height="18" />`}
      <text x=${x} y=${isIconName(id) ? y + 16 : y + 5}>${shortened(
        name,
        MAX_NAME_LENGTH,
      )}<title>${name}</title></text>
    </g>
  `;
}

/**
 * Each call with its line and its label, which is crowded if it would lie over a box or another label.
 *
 * @param {readonly MapEdge[]} edges @param {ReadonlyMap<string, Place>} places
 */
function draw(edges, places) {
  const taken = [
    ...[...places.values()].map((at) => ({ at, width: 2 * HALF_WIDTH, height: 2 * HALF_HEIGHT })),
    ...edges.map((edge) => ({ at: WORDS[keyOf(edge)] ?? NOWHERE, ...LABEL })),
  ];
  return edges.map((edge) => {
    const { from, to, callCount, errorCount, p50Us, p95Us } = edge;
    const [start, end] = [places.get(from) ?? NOWHERE, places.get(to) ?? NOWHERE];
    const line = start === end || keyOf(edge) === RETRY ? arcOf(start, end) : lineOf(start, end);
    const percent = Math.round((100 * errorCount) / callCount);
    const failed = errorCount === 0 ? "" : `, ${percent < 1 ? "< 1" : percent} % failed`;
    const calls = `${countOf(callCount, "call")}${failed}`;
    const times = `p50 ${timeOf(p50Us)}, p95 ${timeOf(p95Us)}`;
    const [[x, y], own] = [line.middle, WORDS[keyOf(edge)]];
    const isBack = start[0] > end[0] || start[1] > end[1];
    const beside = start[1] === end[1] ? HALF_HEIGHT : 0;
    const at = own ?? /** @type {const} */ ([x, isBack ? y - beside - 15 : y + beside + 16]);
    const label = { ...LABEL, at, width: LETTER * Math.max(calls.length, times.length) };
    const isCrowded = own === undefined && taken.some((other) => isOver(label, other));
    if (!isCrowded) taken.push(label);
    return { edge, ...line, calls, times, words: at, isCrowded };
  });
}

/** @typedef {{ at: Place, width: number, height: number }} Box Its middle and its size. */

/** @param {Box} one @param {Box} other */
function isOver(one, other) {
  return 2 * Math.abs(one.at[0] - other.at[0]) < one.width + other.width &&
    2 * Math.abs(one.at[1] - other.at[1]) < one.height + other.height;
}

/** @param {ReturnType<typeof draw>[number] & { labels: ReadonlyMap<string, string> }} props */
function Edge({ edge, path, middle: [x, y], calls, times, words, isCrowded, labels }) {
  const { from, to, errorCount, callCount } = edge;
  const way = `${labels.get(from)} to ${labels.get(to)}`;
  const isChosen = parameters.value.get("edge") === keyOf(edge);
  const tone = isChosen ? "now" : errorCount > 0 ? "fail" : "idle";
  return html`
    <g class=${isCrowded ? "call crowded" : "call"} data-tone=${tone}>
      <a href=${hrefOf(edge)} aria-label=${`${way}: ${calls} ${times}`}
        aria-current=${isChosen ? "true" : undefined}>
        <path class="reach" d=${path} />
        <path class="line" d=${path} stroke-width=${(tone === "idle" ? 1.5 : 3) +
          Math.log10(callCount) / 2}
          marker-end=${`url(#arrow-${tone})`} />
        <text class="calls" x=${words[0]} y=${words[1] - 4}>${calls}</text>${" "}
        <text x=${words[0]} y=${words[1] + 11}>${times}</text>
      </a>
      ${errorCount > 0 && html`
        <a href=${hrefOf(edge, true)} aria-label=${`${way}: the ${errorCount} that failed`}>
          <circle cx=${x} cy=${y} r="11" />
          <path class="cross" d=${`M${x - 4} ${y - 4}l8 8m0-8l-8 8`} />
        </a>
      `}
    </g>
  `;
}

/** A retry goes back above the boxes; a call of a service to itself is a loop. @param {Place} start @param {Place} end */
function arcOf([startX, y], [endX]) {
  const [fromX, toX] = [startX + (startX === endX ? 20 : -20), endX + (startX === endX ? -20 : 20)];
  const edgeY = y - HALF_HEIGHT;
  return {
    path: `M${fromX} ${edgeY}C${fromX - 10} ${edgeY - 28} ${toX + 10} ${edgeY - 28} ${toX} ${
      edgeY - GAP
    }`,
    middle: /** @type {const} */ ([(fromX + toX) / 2, edgeY - 21]),
  };
}

/** The line from the edge of one box to that of another. @param {Place} start @param {Place} end */
function lineOf([startX, startY], [endX, endY]) {
  const [dx, dy] = [endX - startX, endY - startY];
  const length = Math.hypot(dx, dy);
  const share = Math.min(HALF_WIDTH / Math.abs(dx), HALF_HEIGHT / Math.abs(dy));
  const at = (/** @type {number} */ part) =>
    `${(startX + dx * part).toFixed(1)} ${(startY + dy * part).toFixed(1)}`;
  return {
    path: `M${at(share)}L${at(1 - share - GAP / length)}`,
    middle: /** @type {const} */ ([startX + dx / 2, startY + dy / 2]),
  };
}

/** The place of another service: below ours, from the left. @param {number} index @returns {Place} */
function placeOf(index) {
  return [
    COLUMNS[index % COLUMNS.length] ?? 0,
    BOTTOM + ROW * (1 + Math.floor(index / COLUMNS.length)),
  ];
}

/** @param {MapEdge} edge */
function keyOf({ from, to }) {
  return `${from}>${to}`;
}

/**
 * The address of the emails that made a call; of a chosen one, that of all.
 *
 * @param {MapEdge} edge
 * @param {boolean} [isFailed]
 */
function hrefOf(edge, isFailed = false) {
  const next = new URLSearchParams(parameters.value);
  const isChosen = next.get("edge") === keyOf(edge) && next.has("failed") === isFailed;
  for (const name of ["edge", "failed"]) next.delete(name);
  if (!isChosen) next.set("edge", keyOf(edge));
  if (!isChosen && isFailed) next.set("failed", "true");
  return `#${next}`;
}

/** @param {number | null} us */
function timeOf(us) {
  return us === null ? "unknown" : formatDuration(us);
}

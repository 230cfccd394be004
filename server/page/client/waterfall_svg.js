/**
 * The waterfall as an SVG that stands alone: without script, style sheet and font of the page.
 *
 * @module
 * @import { Picture, Row, TimeAxis } from "./types.ts"
 */
import { formatRound, placeOf } from "@playground/shared/waterfall/drawing";
import { formatDuration } from "./format.js";
import { nameOf } from "./parties.js";

const WIDTH = 1_200;
const MARGIN = 16;
/** Where the bars begin. */
const LABEL = 400;
const BARS = WIDTH - LABEL - MARGIN;
const TITLE = 40;
const AXIS = 26;
const ROW = 24;
const MAX_INDENT = 14;
/** Where the name of the service begins. */
const SERVICE = 236;
const LETTER = 6.8;

/**
 * Draws it.
 *
 * @param {object} waterfall What is shown.
 * @param {string} waterfall.title Above the picture.
 * @param {readonly Row[]} waterfall.rows The spans.
 * @param {TimeAxis} waterfall.axis The time axis.
 * @param {Pick<Picture, "totalUs" | "criticalPath">} waterfall.picture What the rows share.
 * @param {Readonly<Record<string, string>>} waterfall.colours By role, and by service: `ink`, `service emailer`.
 * @returns {string} The document.
 */
export function drawSvg({ title, rows, axis, picture, colours }) {
  const { surface, ink, muted, line, control, wait, fail } = colours;
  const colourOf = (/** @type {string | undefined} */ service) =>
    colours[`service ${service ?? ""}`] ?? muted;
  const height = TITLE + AXIS + rows.length * ROW + MARGIN;
  const x = (/** @type {number} */ us) => round(LABEL + placeOf(axis, us) * BARS);
  const span = (/** @type {{ fromUs: number, toUs: number }} */ { fromUs, toUs }) =>
    `x="${x(fromUs)}" width="${Math.max(1.5, round(x(toUs) - x(fromUs)))}"`;
  const steps = Map.groupBy(picture.criticalPath, ({ rowKey }) => rowKey);

  const drawAxis = () =>
    axis.ticksUs.medium.map((us) => {
      const isEnd = us === picture.totalUs;
      const anchor = isEnd ? ' text-anchor="end"' : "";
      return `<path d="M${x(us)} ${TITLE + 8}V${height - MARGIN}" stroke="${line}"/>` +
        text(x(us) + (isEnd ? -4 : 4), TITLE + 18, us === 0 ? "0" : formatRound(us), muted, anchor);
    }).join("") +
    axis.cuts.map((cut) =>
      `<rect ${span(cut)} y="${TITLE + AXIS}" height="${
        rows.length * ROW
      }" fill="${wait}" opacity="0.12"/>` +
      text(
        round((x(cut.fromUs) + x(cut.toUs)) / 2),
        TITLE + 6,
        `≈ ${cut.label}`,
        wait,
        ' text-anchor="middle"',
      )
    ).join("");

  const drawRow = (/** @type {Row} */ row, /** @type {number} */ index) => {
    const { name, services, segments, error, fromUs, durationUs, depth, says, missingParent } = row;
    const top = TITLE + AXIS + index * ROW;
    const colour = colourOf(services[0]);
    const endUs = fromUs + (durationUs ?? 0);
    const indent = MARGIN + Math.min(depth, MAX_INDENT) * 8;
    const bars = segments.map((segment) => {
      const kinds = {
        own: `fill="${colour}"`,
        child: `fill="${colour}" fill-opacity="0.3" stroke="${colour}"`,
        wait: `fill="${colourOf(row.wait?.place)}" fill-opacity="0.1" stroke="${
          colourOf(row.wait?.place)
        }" stroke-dasharray="3 2"`,
      };
      return `<rect ${span(segment)} y="${top + 6}" height="${ROW - 12}" rx="2" ${
        kinds[segment.kind]
      }/>`;
    });
    const ring = error === undefined
      ? ""
      : `<rect ${span({ fromUs, toUs: endUs })} y="${top + 4}" height="${
        ROW - 8
      }" rx="3" fill="none" stroke="${fail}" stroke-width="2"/>`;
    const critical = (steps.get(row.key) ?? []).map((step) =>
      `<rect ${span(step)} y="${top + ROW - 5}" height="2" fill="${ink}"/>`
    );
    const remark = says ?? missingParent ?? row.wait?.text;
    const isRight = x(endUs) < WIDTH * 0.75;
    const [place, room, anchor] = isRight
      ? [x(endUs) + 6, WIDTH - MARGIN - x(endUs), ""]
      : [x(fromUs) - 6, x(fromUs) - LABEL, ' text-anchor="end"'];
    return [
      `<circle cx="${indent + 4}" cy="${top + ROW / 2}" r="4" fill="${colour}"/>`,
      text(
        indent + 14,
        top + 16,
        shorten(name, Math.floor((SERVICE - indent - 20) / LETTER)),
        error === undefined ? ink : fail,
      ),
      text(SERVICE, top + 16, shorten(nameOf(services[0] ?? ""), 14), muted),
      text(
        LABEL - 8,
        top + 16,
        durationUs === null ? "…" : formatDuration(durationUs),
        muted,
        ' text-anchor="end"',
      ),
      ...bars,
      ring,
      ...critical,
      remark === undefined ? "" : text(
        place,
        top + 16,
        shorten(remark, Math.max(1, Math.floor(room / LETTER))),
        says === undefined ? wait : fail,
        anchor,
      ),
    ].join("");
  };

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif" font-size="12"><title>${
    escape(title)
  }</title><rect width="${WIDTH}" height="${height}" fill="${surface}" stroke="${control}"/>${
    text(MARGIN, 26, title, ink, ' font-size="16" font-weight="600"')
  }${drawAxis()}${rows.map(drawRow).join("")}</svg>\n`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string | undefined} colour
 * @param {string} [attributes]
 */
function text(x, y, content, colour, attributes = "") {
  return `<text x="${x}" y="${y}" fill="${colour}"${attributes}>${escape(content)}</text>`;
}

/**
 * @param {string} text
 * @param {number} length
 */
function shorten(text, length) {
  const letters = [...text];
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join("")}…`;
}

/** For XML, which has no place for control characters. @param {string} text */
function escape(text) {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .toWellFormed()
    .replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param {number} number */
function round(number) {
  return Math.round(number * 10) / 10;
}

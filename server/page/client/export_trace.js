/**
 * Exports what is shown: the spans as JSON in Zipkin's form, which can be opened again, and the waterfall as a picture.
 *
 * @import { Picture, Row, TimeAxis } from "./types.ts"
 */
import { formatRound, placeOf } from "@playground/shared/waterfall/drawing";
import { html } from "htm/preact";
import { formatDuration, shortened } from "./format.js";
import { Icon } from "./icons.js";
import { nameOf } from "./parties.js";
import { trace } from "./state.js";
import { axis } from "./time_axis.js";

/** A sharp picture has two dots a pixel; browsers draw none that is higher than this. */
const SCALE = 2;
const MAX_HEIGHT = 16_000;

/** The sizes of the SVG, in pixels. */
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

const END = ' text-anchor="end"';

const COLOURS = ["surface", "ink", "muted", "line", "control", "wait", "fail"];

/** @param {{ rows: readonly Row[], title: string }} props */
export function ExportMenu({ rows, title }) {
  const name = `trace-${trace.value?.traceId.slice(-8)}`;
  const svg = () => {
    if (axis.value === undefined || trace.value?.picture === undefined) return new Blob();
    const { picture } = trace.value;
    const text = drawSvg({ title, rows, axis: axis.value, picture, colours: coloursOf(rows) });
    return new Blob([text], { type: "image/svg+xml" });
  };
  const json = () =>
    new Blob([JSON.stringify(trace.value?.spans, null, 2)], { type: "application/json" });
  const forms = { JSON: json, SVG: svg, PNG: () => toPng(svg()) };
  return html`
    <button type="button" class="bare" popovertarget="export-menu">
      <${Icon} name="save" />Export
    </button>
    <div id="export-menu" popover="auto">
      ${Object.entries(forms).map(([form, make]) =>
        html`
          <button type="button" key=${form} class="bare" popovertarget="export-menu"
            popovertargetaction="hide"
            onClick=${async () =>
              save(await make(), `${name}.${form.toLowerCase()}`)}>${form}</button>
        `
      )}
    </div>
  `;
}

/** @param {Blob} content @param {string} name */
function save(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser needs the address until it has begun to read.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {Blob} svg */
async function toPng(svg) {
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  await image.decode();
  const scale = Math.min(SCALE, MAX_HEIGHT / image.height);
  const canvas = document.createElement("canvas");
  canvas.width = image.width * scale;
  canvas.height = image.height * scale;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  const png = await new Promise((resolve) => canvas.toBlob(resolve));
  if (png instanceof Blob) return png;
  throw new Error("Cannot make a PNG: the browser has no memory for it");
}

/** The colours of the theme, by role and by service: a picture alone has no custom properties. @param {readonly Row[]} rows */
function coloursOf(rows) {
  const probe = document.body.appendChild(document.createElement("i"));
  const read = (/** @type {string} */ value) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const services = rows.flatMap(({ services, wait }) => [services[0] ?? "", wait?.place ?? ""]);
  const entries = [
    ...COLOURS.map((role) => [role, read(`var(--${role})`)]),
    ...[...new Set(services)].map((service) => {
      probe.dataset.service = service;
      return [`service ${service}`, read("var(--c)")];
    }),
  ];
  probe.remove();
  return Object.fromEntries(entries);
}

/**
 * Draws the waterfall as an SVG that stands alone: without script, style sheet and font of the page.
 *
 * @param {{ title: string, rows: readonly Row[], axis: TimeAxis, picture: Pick<Picture, "totalUs" | "criticalPath">,
 *   colours: Readonly<Record<string, string>> }} waterfall The colours are named by role, and by service: `ink`, `service emailer`.
 */
function drawSvg({ title, rows, axis, picture, colours }) {
  const { surface, ink, muted, line, control, wait, fail } = colours;
  const colourOf = (service = "") => colours[`service ${service}`] ?? muted;
  const height = TITLE + AXIS + rows.length * ROW + MARGIN;
  const x = (/** @type {number} */ us) => round(LABEL + placeOf(axis, us) * BARS);
  /** @param {{ fromUs: number, toUs: number }} time @param {number} y @param {number} height @param {string} look */
  const rect = ({ fromUs, toUs }, y, height, look) => {
    const width = Math.max(1.5, round(x(toUs) - x(fromUs)));
    return `<rect x="${x(fromUs)}" y="${y}" width="${width}" height="${height}" ${look}/>`;
  };
  const steps = Map.groupBy(picture.criticalPath, ({ rowKey }) => rowKey);

  const ticks = axis.ticksUs.medium.map((us) => {
    const [dx, anchor] = us === picture.totalUs ? [-4, END] : [4, ""];
    return `<path d="M${x(us)} ${TITLE + 8}V${height - MARGIN}" stroke="${line}"/>` +
      text(x(us) + dx, TITLE + 18, us === 0 ? "0" : formatRound(us), muted, anchor);
  });
  const cuts = axis.cuts.map((cut) => {
    const middle = round((x(cut.fromUs) + x(cut.toUs)) / 2);
    return rect(cut, TITLE + AXIS, rows.length * ROW, `fill="${wait}" opacity="0.12"`) +
      text(middle, TITLE + 6, `≈ ${cut.label}`, wait, ' text-anchor="middle"');
  });

  const drawRow = (/** @type {Row} */ row, /** @type {number} */ index) => {
    const { name, services, segments, error, fromUs, durationUs, depth, says, missingParent } = row;
    const top = TITLE + AXIS + index * ROW;
    const endUs = fromUs + (durationUs ?? 0);
    const indent = MARGIN + Math.min(depth, MAX_INDENT) * 8;
    const [colour, waitColour] = [colourOf(services[0]), colourOf(row.wait?.place)];
    const looks = {
      own: `fill="${colour}"`,
      child: `fill="${colour}" fill-opacity="0.3" stroke="${colour}"`,
      wait: `fill="${waitColour}" fill-opacity="0.1" stroke="${waitColour}" stroke-dasharray="3 2"`,
    };
    /** @param {number} x @param {string} content @param {string | undefined} colour @param {string} [anchor] */
    const say = (x, content, colour, anchor) => text(x, top + 16, content, colour, anchor);
    const duration = durationUs === null ? "…" : formatDuration(durationUs);
    const remark = says ?? missingParent ?? row.wait?.text;
    const [before, after] = [x(fromUs) - LABEL, WIDTH - MARGIN - x(endUs)];
    const [place, room, anchor] = x(endUs) < WIDTH * 0.75 || before < after
      ? [x(endUs) + 6, after, ""]
      : [x(fromUs) - 6, before, END];
    return [
      `<circle cx="${indent + 4}" cy="${top + ROW / 2}" r="4" fill="${colour}"/>`,
      say(indent + 14, shorten(name, SERVICE - indent - 20), error === undefined ? ink : fail),
      say(SERVICE, shorten(nameOf(services[0] ?? ""), LABEL - SERVICE - 68), muted),
      say(LABEL - 8, duration, muted, END),
      ...segments.map((one) => rect(one, top + 6, ROW - 12, `rx="2" ${looks[one.kind]}`)),
      error === undefined ? "" : rect(
        { fromUs, toUs: endUs },
        top + 4,
        ROW - 8,
        `rx="3" fill="none" stroke="${fail}" stroke-width="2"`,
      ),
      ...(steps.get(row.key) ?? []).map((one) => rect(one, top + ROW - 5, 2, `fill="${ink}"`)),
      remark === undefined
        ? ""
        : say(place, shorten(remark, room), says === undefined ? wait : fail, anchor),
    ].join("");
  };

  const parts = [...ticks, ...cuts, ...rows.map(drawRow)].join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif" font-size="12"><title>${
    escape(title)
  }</title><rect width="${WIDTH}" height="${height}" fill="${surface}" stroke="${control}"/>${
    text(MARGIN, 26, title, ink, ' font-size="16" font-weight="600"')
  }${parts}</svg>\n`;
}

/** @param {number} x @param {number} y @param {string} content @param {string | undefined} colour @param {string} [attributes] */
function text(x, y, content, colour, attributes = "") {
  return `<text x="${x}" y="${y}" fill="${colour}"${attributes}>${escape(content)}</text>`;
}

/** @param {string} text @param {number} room In pixels. */
function shorten(text, room) {
  return shortened(text, Math.max(1, Math.floor(room / LETTER)));
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

/**
 * Exports what is shown: the spans as JSON in Zipkin's form, which can be opened again, and the waterfall as a picture.
 *
 * @import { Row } from "./types.ts"
 */
import { html } from "htm/preact";
import { Icon } from "./icons.js";
import { trace } from "./state.js";
import { axis } from "./time_axis.js";
import { drawSvg } from "./waterfall_svg.js";

/** A sharp picture has two dots a pixel; browsers draw none that is higher than this. */
const SCALE = 2;
const MAX_HEIGHT = 16_000;

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
  /** @param {MouseEvent} click @param {string} form @param {() => Blob | Promise<Blob>} make */
  const choose = async ({ currentTarget }, form, make) => {
    if (currentTarget instanceof Element) currentTarget.closest("details")?.removeAttribute("open");
    save(await make(), `${name}.${form.toLowerCase()}`);
  };
  return html`
    <details class="menu">
      <summary><${Icon} name="save" />Export</summary>
      <div>
        ${Object.entries(forms).map(([form, make]) =>
          html`
            <button type="button" key=${form} class="bare"
              onClick=${(/** @type {MouseEvent} */ click) =>
                choose(click, form, make)}>${form}</button>
          `
        )}
      </div>
    </details>
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

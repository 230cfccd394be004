/**
 * What the bars of the waterfall mean. A service is a filter as well: a click hides its rows.
 *
 * @import { Signal } from "@preact/signals"
 */
import { computed, signal } from "@preact/signals";
import { html } from "htm/preact";
import { Tile } from "./icons.js";
import { nameOf, PARTIES } from "./parties.js";
import { rows } from "./state.js";

/** The services whose rows are hidden. @type {Signal<ReadonlySet<string>>} */
export const hiddenServices = signal(new Set());

/** The services that have rows. */
const services = computed(() => new Set(rows.value.map(({ services }) => services[0] ?? "")));

/** These and those with waits, in the email's order. */
const shown = computed(() => {
  const order = PARTIES.map(({ id }) => String(id));
  const places = rows.value.flatMap(({ wait }) => wait === undefined ? [] : [wait.place]);
  return [...new Set([...services.value, ...places])]
    .toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
});

export function Legend() {
  return html`
    <div class="legend">
      <div class="services flow" role="group" aria-label="Services; press one to hide its spans">
        ${shown.value.map((service) =>
          services.value.has(service)
            ? html`<${Filter} key=${service} service=${service} />`
            : html`
              <span key=${service} class="key"><${Tile} service=${service} />${nameOf(
                service,
              )}</span>
            `
        )}
      </div>
      <div class="keys flow">
        <${Key} shape="bar own">works itself<//>
        <${Key} shape="bar child">a child works<//>
        <${Key} shape="bar wait">waits<//>
        <span class="key"><b class="left-out">≈</b> time left out</span>
        <${Key} shape="critical">critical path<//>
        <${Key} shape="log">log<//>
      </div>
    </div>
  `;
}

/** @param {{ service: string }} props */
function Filter({ service }) {
  const isHidden = hiddenServices.value.has(service);
  const toggle = () => {
    const others = [...hiddenServices.value].filter((other) => other !== service);
    hiddenServices.value = new Set(isHidden ? others : [...others, service]);
  };
  return html`
    <button type="button" class="bare" aria-pressed=${String(!isHidden)} onClick=${toggle}>
      <${Tile} service=${service} /><bdi>${nameOf(service)}</bdi>
    </button>
  `;
}

/** @param {{ shape: string, children: unknown }} props */
function Key({ shape, children }) {
  return html`<span class="key"><i class="sample"><i class=${shape}></i></i>${children}</span>`;
}

/**
 * The services of the emails that the filter finds, and the calls between them.
 *
 * @module
 */
import { html } from "htm/preact";

/** The panel. */
export function ServiceMap() {
  return html`
    <section class="card" id="service-map" aria-labelledby="service-map-title">
      <h2 id="service-map-title">Service map</h2>
    </section>
  `;
}

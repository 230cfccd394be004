/**
 * Small charts: rates, times by hop, queues.
 *
 * @module
 */
import { html } from "htm/preact";

/** The panel. */
export function Charts() {
  return html`
    <section class="card" id="charts" aria-labelledby="charts-title">
      <h2 id="charts-title">Last 15 minutes</h2>
    </section>
  `;
}

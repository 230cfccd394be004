/**
 * Emails as points: their duration against the time when they were sent. A range can be chosen.
 *
 * @module
 */
import { html } from "htm/preact";

/** The panel. */
export function Scatter() {
  return html`
    <section class="card" id="scatter" aria-labelledby="scatter-title">
      <h2 id="scatter-title">Duration against time</h2>
    </section>
  `;
}

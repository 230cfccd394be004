/**
 * The emails that could not be sent, by reason; they can be sent again or dropped.
 *
 * @module
 */
import { html } from "htm/preact";

/** The panel. */
export function DeadLetters() {
  return html`
    <section class="card" id="dead-letters" aria-labelledby="dead-letters-title">
      <h2 id="dead-letters-title">Dead letters</h2>
    </section>
  `;
}

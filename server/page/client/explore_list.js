/**
 * The emails that the filter finds.
 *
 * @module
 */
import { html } from "htm/preact";

/** The panel. */
export function ExploreList() {
  return html`
    <section class="card" id="explore-list" aria-labelledby="explore-list-title">
      <h2 id="explore-list-title">Emails</h2>
    </section>
  `;
}

/**
 * Two traces beside each other: `#view=compare&left=…&leftEmail=…&right=…&rightEmail=…`.
 *
 * @module
 */
import { html } from "htm/preact";

/** The view. */
export function Compare() {
  return html`
    <main id="compare" tabindex="-1">
      <h2>Compare</h2>
    </main>
  `;
}

/**
 * Explore: all emails that the collector holds, in panels that share one filter.
 *
 * @module
 */
import { html } from "htm/preact";
import { Charts } from "./charts.js";
import { DeadLetters } from "./dead_letters.js";
import { ExploreList } from "./explore_list.js";
import { Scatter } from "./scatter.js";
import { ServiceMap } from "./service_map.js";

/** The view. */
export function Explore() {
  return html`
    <main id="explore" class="explore" tabindex="-1">
      <div class="column">
        <${Scatter} />
        <${ExploreList} />
      </div>
      <div class="column">
        <${ServiceMap} />
        <${Charts} />
        <${DeadLetters} />
      </div>
    </main>
  `;
}

/**
 * Explore: all emails that the collector holds, in panels that share one filter.
 *
 * @import { Answered } from "./answers.js"
 * @import { FoundEmails } from "./types.ts"
 */
import { html } from "htm/preact";
import { Charts } from "./charts.js";
import { DeadLetters } from "./dead_letters.js";
import { useAnswer, useRefreshing } from "./answers.js";
import { ExploreBar } from "./explore_bar.js";
import { query } from "./explore_filter.js";
import { ExploreList, PAGE_SIZE } from "./explore_list.js";
import { Scatter } from "./scatter.js";
import { ServiceMap } from "./service_map.js";

export function Explore() {
  useRefreshing();
  /** @type {Answered<FoundEmails>} */
  const answer = useAnswer(`/api/explore/emails?${query.value}&limit=${PAGE_SIZE}`);
  return html`
    <main id="explore" class="explore" tabindex="-1">
      <${ExploreBar} answer=${answer} />
      <div class="column">
        <${Scatter} />
        <${ExploreList} answer=${answer} />
      </div>
      <div class="column">
        <${ServiceMap} />
        <${Charts} />
        <${DeadLetters} />
      </div>
    </main>
  `;
}

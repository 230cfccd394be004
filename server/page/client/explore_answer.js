/**
 * What the server answers to a panel of Explore, asked anew when the filter changes and when the view refreshes itself.
 *
 * @module
 * @import { Answer, Problem } from "./types.ts"
 */
import { useEffect, useState } from "preact/hooks";
import { signal } from "@preact/signals";
import { nowMs, range } from "./explore_filter.js";
import { api } from "./message_server.js";

/** Counts the refreshes. */
const refreshes = signal(0);

/** Refreshes wait for these. */
let pendingCount = 0;

/** Asks anew for everything that is shown, unless that is still under way. */
export function refresh() {
  if (pendingCount > 0) return;
  if (range.value === undefined) nowMs.value = Date.now();
  refreshes.value++;
}

/**
 * Asks the server for as long as the component is shown. The last answer stays until the next one, also when that fails.
 *
 * @template Body
 * @param {string} path The path with its query, such as `/api/explore/map?state=archived`.
 * @returns {{ body?: Body, problem?: Problem }} Empty before the first answer; a problem is that of the last request.
 */
export function useAnswer(path) {
  const [answer, take] = useState(/** @type {{ body?: Body, problem?: Problem }} */ ({}));
  useEffect(() => {
    let isWanted = true;
    pendingCount++;
    /** @type {Promise<Answer<Body>>} */
    const called = api.call(path);
    void called.then((next) => {
      pendingCount--;
      if (!isWanted) return;
      take((before) => next.ok ? { body: next.body } : { ...before, problem: next.problem });
    });
    return () => isWanted = false;
  }, [path, refreshes.value]);
  return answer;
}

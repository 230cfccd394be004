/**
 * The server's answers to components. A request is repeated when its address changes and, in Explore, when the view refreshes.
 *
 * @import { Answer, Problem } from "./types.ts"
 */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { nowMs, range } from "./explore_filter.js";
import { api } from "./message_server.js";
import { hash } from "./state.js";

/** How often the view refreshes; with a slow server, at most a tenth of the time is spent on requests. */
const REFRESH_MS = 3_000;
const REST_FACTOR = 9;

/** Counts the refreshes. */
const refreshes = signal(0);

let pendingCount = 0;
let askedMs = 0;
let restUntilMs = 0;

/** Repeats the requests for everything that is shown. */
export function refresh() {
  if (range.value === undefined) nowMs.value = Date.now();
  refreshes.value++;
}

/** Refreshes the view while it is visible; nothing moves under a pressed pointer. */
export function useRefreshing() {
  useEffect(() => {
    const timer = setInterval(() => {
      const isBusy = pendingCount > 0 || performance.now() < restUntilMs;
      if (!isBusy && !document.hidden && !document.documentElement.matches(":active")) refresh();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
}

/**
 * Empty before the first answer; `problem` is that of the last request. `forHash` is the address to which `body` belongs.
 *
 * @template Body
 * @typedef {{ body?: Body, problem?: Problem, forHash?: string }} Answered
 */

/**
 * Asks the server for as long as the component is shown. The last answer stays until the next one, also when that fails.
 *
 * @template Body
 * @param {string} path
 */
export function useAnswer(path) {
  const [answer, take] = useState(/** @type {Answered<Body>} */ ({}));
  useEffect(() => {
    let isWanted = true;
    const forHash = hash.value;
    if (pendingCount++ === 0) askedMs = performance.now();
    /** @type {Promise<Answer<Body>>} */
    const called = api.call(path);
    void called.then((next) => {
      const tookMs = performance.now() - askedMs;
      if (--pendingCount === 0) restUntilMs = performance.now() + REST_FACTOR * tookMs;
      if (!isWanted) return;
      take((before) =>
        next.ok ? { body: next.body, forHash } : { ...before, problem: next.problem }
      );
    });
    return () => isWanted = false;
  }, [path, refreshes.value]);
  return answer;
}

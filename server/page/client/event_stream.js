/**
 * The stream of the server's events, read with `fetch`, since `EventSource` cannot send a token. A stream that ends is reopened
 * after a growing pause.
 *
 * @import { Api } from "./api.js"
 */
import { problemOf } from "./api.js";

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;

/** @typedef {(name: string, data: unknown) => void} OnEvent */

/**
 * Follows the events until it is aborted.
 *
 * @param {Api} api
 * @param {string} path
 * @param {OnEvent} onEvent
 * @param {(reason: string) => void} onEnd The stream ended, or could not be opened.
 * @param {AbortSignal} signal
 */
export async function followEvents(api, path, onEvent, onEnd, signal) {
  let delayMs = FIRST_DELAY_MS;
  /** @type {OnEvent} */
  const take = (name, data) => {
    delayMs = FIRST_DELAY_MS;
    // An error here is a bug of this script, not an unavailable server.
    try {
      onEvent(name, data);
    } catch (error) {
      reportError(error);
    }
  };
  while (!signal.aborted) {
    const reason = await readOnce(api, path, take, signal);
    if (signal.aborted) return;
    onEnd(reason);
    // Jitter: many pages that lost one server should not reconnect at once.
    await pause(delayMs * (0.75 + Math.random() / 2), signal);
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
  }
}

/** Returns why it ended. @param {Api} api @param {string} path @param {OnEvent} onEvent @param {AbortSignal} signal */
async function readOnce(api, path, onEvent, signal) {
  try {
    const response = await api.request(path, { signal });
    if (!response.ok) return (await problemOf(response)).detail;
    const parse = createEventParser(onEvent);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) return "the stream ended";
      parse(chunk.value);
    }
  } catch (error) {
    return error instanceof TypeError ? "the message server cannot be reached" : String(error);
  }
}

/**
 * Parses the server's stream (https://html.spec.whatwg.org/#server-sent-events): each event has a name and JSON in one line; comments
 * keep the stream alive.
 *
 * @param {OnEvent} onEvent
 * @returns {(text: string) => void}
 */
export function createEventParser(onEvent) {
  let rest = "";
  return (text) => {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.+)$/s.exec(block) ?? [];
      if (name !== undefined && data !== undefined) onEvent(name, JSON.parse(data));
    }
  };
}

/** @param {number} milliseconds @param {AbortSignal} signal @returns {Promise<void>} */
function pause(milliseconds, signal) {
  const end = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
  return new Promise((resolve) =>
    end.aborted ? resolve() : end.addEventListener("abort", () => resolve())
  );
}

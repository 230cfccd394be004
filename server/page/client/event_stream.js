/**
 * The stream of the server's events, read with `fetch`, since `EventSource` cannot send a token. A stream that ends is reopened
 * after a growing pause.
 *
 * @module
 * @import { Api } from "./api.js"
 */
import { problemOf } from "./api.js";

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;

/**
 * @typedef {object} StreamHandlers
 * @property {(name: string, data: unknown) => void} onEvent An event has come.
 * @property {(connection: { isOpen: true } | { isOpen: false, reason: string }) => void} onConnection The stream was opened, or
 *   it ended.
 */

/**
 * Follows the events until it is aborted.
 *
 * @param {Api} api Opens the stream.
 * @param {string} path Its path.
 * @param {StreamHandlers} handlers Take what comes.
 * @param {AbortSignal} signal Ends it.
 */
export async function followEvents(api, path, { onEvent, onConnection }, signal) {
  let delayMs = FIRST_DELAY_MS;
  while (!signal.aborted) {
    const reason = await readOnce(
      api,
      path,
      (name, data) => {
        delayMs = FIRST_DELAY_MS;
        onEvent(name, data);
      },
      () => onConnection({ isOpen: true }),
      signal,
    );
    if (signal.aborted) return;
    onConnection({ isOpen: false, reason });
    // Jitter: many pages that lost one server should not reconnect at once.
    await pause(delayMs * (0.75 + Math.random() / 2), signal);
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
  }
}

/**
 * @param {Api} api
 * @param {string} path
 * @param {StreamHandlers["onEvent"]} onEvent
 * @param {() => void} onOpen
 * @param {AbortSignal} signal
 * @returns {Promise<string>} Why it ended.
 */
async function readOnce(api, path, onEvent, onOpen, signal) {
  try {
    const response = await api.request(path, { signal });
    if (!response.ok) return (await problemOf(response)).detail;
    onOpen();
    // An error here is a bug of this script, not an unavailable server.
    const parse = createEventParser((name, data) => {
      try {
        onEvent(name, data);
      } catch (error) {
        reportError(error);
      }
    });
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
 * Parses the server's subset of `text/event-stream`: `event`, `data`, comments. Source:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 *
 * @param {(name: string, data: unknown) => void} onEvent Takes each event; its data is parsed JSON.
 * @returns {(text: string) => void} Takes the stream piece by piece.
 */
export function createEventParser(onEvent) {
  let rest = "";
  let name = "message";
  /** @type {string[]} */
  let data = [];

  /** @param {string} line */
  const takeLine = (line) => {
    if (line === "") {
      if (data.length > 0) onEvent(name, JSON.parse(data.join("\n")));
      name = "message";
      data = [];
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    if (field === "data") data.push(value);
  };

  return (text) => {
    // A carriage return at the end may be half of a line end.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    lines.forEach(takeLine);
  };
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

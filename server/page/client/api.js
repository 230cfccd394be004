/**
 * The message server's API. If it requires a token, the person is asked once; the token is kept until the tab closes.
 *
 * @import { Answer, Problem } from "./types.ts"
 */
import { keptForTab } from "./storage.js";

const TOKEN_KEY = "api-token";

/** The server's own limits are shorter. */
const TIME_LIMIT_MS = 20_000;

/**
 * @typedef {object} Api
 * @property {(path: string, init?: RequestInit) => Promise<Response>} request Fetches with the token; rejects if the server is
 * unreachable.
 * @property {<Body>(path: string, init?: Omit<RequestInit, "signal">) => Promise<Answer<Body>>} call Fetches JSON within a time
 * limit, or returns why it cannot.
 */

/** @param {(wasRefused: boolean) => Promise<string>} askToken @param {number} [timeLimitMs] @returns {Api} */
export function createApi(askToken, timeLimitMs = TIME_LIMIT_MS) {
  /** @type {Promise<void> | undefined} */
  let asking;

  /** @param {string | null} refused */
  const renewToken = (refused) => {
    // Concurrent refusals share one question.
    asking ??= askToken(refused !== null)
      .then((token) => keptForTab.setItem(TOKEN_KEY, token))
      .finally(() => asking = undefined);
    return asking;
  };

  /**
   * @template {{ readonly status: number }} Fetched
   * @param {RequestInit} init
   * @param {(init: RequestInit) => Promise<Fetched>} fetchOnce
   */
  const send = async (init, fetchOnce) => {
    for (;;) {
      const token = keptForTab.getItem(TOKEN_KEY);
      const headers = new Headers(init.headers);
      if (token !== null) headers.set("authorization", `Bearer ${token}`);
      const fetched = await fetchOnce({ ...init, headers });
      if (fetched.status !== 401) return fetched;
      init.signal?.throwIfAborted();
      if (token === keptForTab.getItem(TOKEN_KEY)) await renewToken(token);
    }
  };

  /** @type {Api["request"]} */
  const request = (path, init = {}) =>
    send(init, async (init) => {
      const response = await fetch(path, init);
      if (response.status === 401) await response.body?.cancel();
      return response;
    });

  /** @type {Api["call"]} */
  const call = async (path, init = {}) => {
    const { response, status, text } = await send(init, async (init) => {
      // For each try: a person may take any time to find the token.
      const signal = AbortSignal.timeout(timeLimitMs);
      try {
        const response = await fetch(path, { ...init, signal });
        return { status: response.status, response, text: await response.text() };
      } catch {
        const text = signal.aborted
          ? `Cannot reach the message server: no answer within ${timeLimitMs / 1_000} s; try again`
          : "Cannot reach the message server; is it still running?";
        return { status: 0, text };
      }
    });
    if (response === undefined) return failed(text);
    const { ok, headers } = response;
    if (!ok) return { ok, problem: problemIn(text, status) };
    try {
      return { ok, body: JSON.parse(text), headers };
    } catch {
      return failed("Cannot read the answer: it is not JSON; ask the message server directly");
    }
  };

  return { request, call };
}

/** @param {string} detail @returns {Answer<never>} */
function failed(detail) {
  return { ok: false, problem: { status: 0, detail } };
}

/**
 * A request with a JSON body.
 *
 * @param {string} method
 * @param {unknown} [body]
 * @param {Readonly<Record<string, string>>} [headers]
 */
export function json(method, body = {}, headers = {}) {
  return {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/** @param {Response} response An error answer. */
export async function problemOf(response) {
  return problemIn(await response.text(), response.status);
}

/** @param {string} text @param {number} status @returns {Problem} */
function problemIn(text, status) {
  try {
    const { detail, errors, traceId } = JSON.parse(text);
    if (typeof detail === "string") return { status, detail, errors, traceId };
  } catch {
    // A proxy in between may use another format: only the status is known.
  }
  return { status, detail: `The server answered ${status}` };
}

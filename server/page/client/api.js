/**
 * The message server's API. Where it asks for a token, the person is asked once; the token is kept for as long as the tab.
 *
 * @module
 * @import { Answer, Problem } from "./types.ts"
 */

const TOKEN_KEY = "api-token";

/**
 * @typedef {object} Api
 * @property {(path: string, init?: RequestInit) => Promise<Response>} request Fetches with the token; rejects where the server
 *   cannot be reached.
 * @property {<Body>(path: string, init?: RequestInit) => Promise<Answer<Body>>} call Fetches JSON, or tells why it cannot.
 */

/**
 * Makes the client.
 *
 * @param {(wasRefused: boolean) => Promise<string>} askToken Asks the person for the token.
 * @returns {Api} The client.
 */
export function createApi(askToken) {
  /** @type {Promise<void> | undefined} */
  let asking;

  /** @param {string | null} refused */
  const renewToken = (refused) => {
    // Several requests are refused at once: one question is enough.
    asking ??= askToken(refused !== null).then((token) => {
      sessionStorage.setItem(TOKEN_KEY, token);
      asking = undefined;
    });
    return asking;
  };

  /** @type {Api["request"]} */
  const request = async (path, init = {}) => {
    for (;;) {
      const token = sessionStorage.getItem(TOKEN_KEY);
      const headers = new Headers(init.headers);
      if (token !== null) headers.set("authorization", `Bearer ${token}`);
      const response = await fetch(path, { ...init, headers });
      if (response.status !== 401) return response;
      await response.body?.cancel();
      init.signal?.throwIfAborted();
      if (token === sessionStorage.getItem(TOKEN_KEY)) await renewToken(token);
    }
  };

  /** @type {Api["call"]} */
  const call = async (path, init) => {
    try {
      const response = await request(path, init);
      const { ok, headers } = response;
      return ok
        ? { ok, body: await response.json(), headers }
        : { ok, problem: await problemOf(response) };
    } catch (error) {
      if (init?.signal?.aborted) throw error;
      const detail = "Cannot reach the message server; is it still running?";
      return { ok: false, problem: { status: 0, detail } };
    }
  };

  return { request, call };
}

/**
 * A request with a JSON body.
 *
 * @param {string} method The HTTP method.
 * @param {unknown} body The body.
 * @param {Readonly<Record<string, string>>} [headers] Further headers.
 * @returns {RequestInit} What `fetch` wants.
 */
export function json(method, body, headers = {}) {
  return {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

/**
 * Reads an error answer. A proxy in between answers in a form of its own.
 *
 * @param {Response} response The answer.
 * @returns {Promise<Problem>} What is wrong.
 */
export async function problemOf(response) {
  const { status } = response;
  try {
    const { detail, errors, traceId } = await response.json();
    if (typeof detail === "string") return { status, detail, errors, traceId };
  } catch {
    // Not JSON: the status has to do.
  }
  return { status, detail: `The server answered ${status}` };
}

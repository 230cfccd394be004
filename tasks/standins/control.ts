/**
 * For routes of the control server beside the faults.
 *
 * @module
 */
import type { Context } from "@hono/hono";

/** Answers the control API's problem (RFC 9457). */
export function problem(
  c: Context,
  status: 404 | 405 | 409 | 413 | 415 | 422,
  title: string,
  detail: string,
): Response {
  return c.json({ type: "about:blank", status, title, detail }, status, {
    "content-type": "application/problem+json",
  });
}

export { hasJson } from "./guards.ts";

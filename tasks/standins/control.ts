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

/** Answers a method that a path does not take. */
export function methodNotAllowed(c: Context, allowed: string): Response {
  c.header("Allow", allowed);
  const detail = `Cannot answer: this path accepts only ${allowed}; use that`;
  return problem(c, 405, "Method not allowed", detail);
}

export { hasJson } from "./guards.ts";

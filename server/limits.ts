import type { MiddlewareHandler } from "@hono/hono";
import { createMiddleware } from "@hono/hono/factory";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** What bounds the memory and the patience that callers can take. */
export interface RequestLimits {
  /** How many emails are taken at the same time; further ones are answered 503. @default 500 */
  readonly requestsInFlight?: number;
  /** How long the body of a request may take to arrive. @default 10000 */
  readonly bodyTimeoutMs?: number;
}

const DEFAULT_REQUESTS_IN_FLIGHT = 500;
const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/**
 * Refuses requests while too many others are under way: under overload it is better to answer some at once than none in time.
 */
export function limitInFlight(
  { requestsInFlight = DEFAULT_REQUESTS_IN_FLIGHT }: RequestLimits,
): MiddlewareHandler<ServerEnvironment> {
  let inFlight = 0;
  return createMiddleware<ServerEnvironment>(async function limitInFlight(c, next) {
    if (inFlight >= requestsInFlight) {
      return answerProblem(c, {
        status: 503,
        title: "Too many requests at once",
        detail: `Cannot take the email: ${requestsInFlight} others are being taken; send it again`,
        headers: { "Retry-After": "1" },
      });
    }
    inFlight++;
    try {
      await next();
    } finally {
      inFlight--;
    }
  });
}

/** The bytes of a body, or that they did not arrive in time. */
export type BodyResult =
  | { readonly status: "read"; readonly bytes: ArrayBuffer }
  | { readonly status: "stalled"; readonly timeoutMs: number };

/**
 * Reads the body of a request, for so long as is decent: a caller that sends a byte a minute would hold its place for ever.
 */
export async function readBody(
  read: () => Promise<ArrayBuffer>,
  { bodyTimeoutMs: timeoutMs = DEFAULT_BODY_TIMEOUT_MS }: RequestLimits,
): Promise<BodyResult> {
  const stalled = Promise.withResolvers<BodyResult>();
  const timer = setTimeout(() => stalled.resolve({ status: "stalled", timeoutMs }), timeoutMs);
  const body = read().then((bytes): BodyResult => ({ status: "read", bytes }));
  // Once it has stalled, what becomes of the reading is of no interest. (Deno keeps the connection until the caller goes.)
  body.catch(() => {});
  try {
    return await Promise.race([body, stalled.promise]);
  } finally {
    clearTimeout(timer);
  }
}

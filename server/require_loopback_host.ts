import type { MiddlewareHandler } from "@hono/hono";
import { isLoopback } from "@playground/shared/http";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/**
 * Lets only requests in that call this machine by a name of its own. Where no token is asked for, a web site could otherwise make
 * its own name point here, and a visitor's browser would let it read all answers (DNS rebinding).
 *
 * @returns The middleware.
 */
export function requireLoopbackHost(): MiddlewareHandler<ServerEnvironment> {
  return async function requireLoopbackHost(c, next) {
    const { hostname } = new URL(c.req.url);
    if (isLoopback(hostname.replace(/^\[|\]$/g, ""))) return await next();
    return answerProblem(c, {
      status: 403,
      title: "Forbidden",
      detail:
        "Cannot answer: the request calls this machine by another name than localhost; use that, or set API_TOKEN",
    });
  };
}

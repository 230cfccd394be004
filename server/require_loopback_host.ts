import type { MiddlewareHandler } from "@hono/hono";
import { callsLoopback } from "@playground/shared/http";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/**
 * Lets only requests in that call this machine by a name of its own; see {@linkcode callsLoopback}.
 */
export function requireLoopbackHost(): MiddlewareHandler<ServerEnvironment> {
  return async function requireLoopbackHost(c, next) {
    if (callsLoopback(c.req.raw)) return await next();
    return answerProblem(c, {
      status: 403,
      title: "Forbidden",
      detail:
        "Cannot answer: the request calls this machine by another name than localhost; use that, or set API_TOKEN",
    });
  };
}

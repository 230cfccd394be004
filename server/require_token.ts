import type { MiddlewareHandler } from "@hono/hono";
import { hasBearerToken } from "@playground/shared/http";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** Lets only callers in that present the token, before anything of their request is read. */
export function requireToken(token: string): MiddlewareHandler<ServerEnvironment> {
  return async function requireToken(c, next) {
    if (hasBearerToken(c.req.raw.headers, token)) return await next();
    return answerProblem(c, {
      status: 401,
      title: "Unauthorized",
      detail:
        "Cannot answer: the token is missing or wrong; send Authorization: Bearer <API_TOKEN>",
      headers: { "WWW-Authenticate": 'Bearer realm="message-server"' },
    });
  };
}

import type { MiddlewareHandler } from "@hono/hono";
import { callsLoopback, hasBearerToken, isOfOtherSite } from "@playground/shared/http";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

type Guard = MiddlewareHandler<ServerEnvironment>;

/** Admits only callers with the token, before reading their request. */
export function requireToken(token: string): Guard {
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

/** Admits only requests that call this machine by its own name; see {@linkcode callsLoopback}. */
export const requireLoopbackHost: Guard = async (c, next) => {
  if (callsLoopback(c.req.raw)) return await next();
  return answerProblem(c, {
    status: 403,
    title: "Forbidden",
    detail:
      "Cannot answer: the request calls this machine by another name than localhost; use that, or set API_TOKEN",
  });
};

/** They change nothing, and a page cannot read another site's answers. */
const SAFE_METHODS: readonly string[] = ["GET", "HEAD"];

/**
 * Refuses requests of another site's page in its visitor's name (CSRF). Without a token it could send emails: a browser lets any
 * page post to any address, except with JSON's content type.
 */
export const refuseOtherSites: Guard = async (c, next) => {
  if (SAFE_METHODS.includes(c.req.method) || !isOfOtherSite(c.req.raw)) return await next();
  return answerProblem(c, {
    status: 403,
    title: "Forbidden",
    detail: "Cannot answer: a page of another web site made the request; make it from this " +
      "server's own page, or from a program that is not a browser",
  });
};

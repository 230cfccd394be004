import type { MiddlewareHandler } from "@hono/hono";
import { callsLoopback, hasBearerToken, isOfOtherSite } from "@playground/shared/http";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

type Guard = MiddlewareHandler<ServerEnvironment>;

/** Lets only callers in that present the token, before anything of their request is read. */
export function requireToken(token: string): Guard {
  return async function requireToken(c, next) {
    if (await hasBearerToken(c.req.raw.headers, token)) return await next();
    return answerProblem(c, {
      status: 401,
      title: "Unauthorized",
      detail:
        "Cannot answer: the token is missing or wrong; send Authorization: Bearer <API_TOKEN>",
      headers: { "WWW-Authenticate": 'Bearer realm="message-server"' },
    });
  };
}

/** Lets only requests in that call this machine by a name of its own; see {@linkcode callsLoopback}. */
export const requireLoopbackHost: Guard = async (c, next) => {
  if (callsLoopback(c.req.raw)) return await next();
  return answerProblem(c, {
    status: 403,
    title: "Forbidden",
    detail:
      "Cannot answer: the request calls this machine by another name than localhost; use that, or set API_TOKEN",
  });
};

/** They change nothing, and no page can read the answers of another site. */
const SAFE_METHODS: readonly string[] = ["GET", "HEAD"];

/**
 * Refuses what a page of another site asks for in its visitor's name (CSRF). Where no token is asked for, it could send emails: a
 * browser lets every page post to every address, as long as it does not name the content type of JSON.
 */
export const refuseOtherSites: Guard = async (c, next) => {
  if (SAFE_METHODS.includes(c.req.method) || !isOfOtherSite(c.req.raw)) return await next();
  return answerProblem(c, {
    status: 403,
    title: "Forbidden",
    detail: "Cannot answer: a page of another web site made the request; make it from this " +
      "server's own page, or from a program that is no browser",
  });
};

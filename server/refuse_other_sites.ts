import type { MiddlewareHandler } from "@hono/hono";
import { isOfOtherSite } from "@playground/shared/http";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** They change nothing, and no page can read the answers of another site. */
const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/**
 * Refuses what a page of another site asks for in its visitor's name (CSRF). Where no token is asked for, it could send emails: a
 * browser lets every page post to every address, as long as it does not name the content type of JSON.
 */
export function refuseOtherSites(): MiddlewareHandler<ServerEnvironment> {
  return async function refuseOtherSites(c, next) {
    if (SAFE_METHODS.has(c.req.method) || !isOfOtherSite(c.req.raw)) return await next();
    return answerProblem(c, {
      status: 403,
      title: "Forbidden",
      detail: "Cannot answer: a page of another web site made the request; make it from this " +
        "server's own page, or from a program that is no browser",
    });
  };
}

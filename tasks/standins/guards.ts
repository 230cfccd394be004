import type { Context, MiddlewareHandler } from "@hono/hono";
import { calledHost, isLoopback } from "@playground/shared/http";

/** Answers only who calls this machine by a name of its own: a web site could make its name point here (DNS rebinding). */
export function ownHostOnly(names: readonly string[] = []): MiddlewareHandler {
  const ownNames = new Set(names.map((name) => name.toLowerCase()));
  return async function ownHostOnly(context, next) {
    const host = calledHost(context.req.raw);
    if (isLoopback(host) || ownNames.has(host)) return await next();
    return context.text("Cannot answer: the Host is not this machine's; use 127.0.0.1", 403);
  };
}

/** Whether a request says that its body is JSON. A browser lets every page post any other type to every address, and none at all. */
export function hasJson(context: Context): boolean {
  return /^application\/json\s*(?:;|$)/i.test(context.req.header("content-type") ?? "");
}

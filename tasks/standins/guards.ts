import type { Context, MiddlewareHandler } from "@hono/hono";
import { calledHost, isLoopback } from "@playground/shared/http";

/** Answers only requests whose `Host` is this machine's: a web site could make its name resolve to loopback (DNS rebinding). */
export function ownHostOnly(names: readonly string[] = []): MiddlewareHandler {
  const ownNames = new Set(names.map((name) => name.toLowerCase()));
  return async function ownHostOnly(context, next) {
    const host = calledHost(context.req.raw);
    if (isLoopback(host) || ownNames.has(host)) return await next();
    return context.text("Cannot answer: the Host is not this machine's; use 127.0.0.1", 403);
  };
}

/** Whether a request declares a JSON body. A browser lets any page post other types, or none, to any address. */
export function hasJson(context: Context): boolean {
  return /^application\/json\s*(?:;|$)/i.test(context.req.header("content-type") ?? "");
}

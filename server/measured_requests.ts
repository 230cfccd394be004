import type { MiddlewareHandler } from "@hono/hono";
import { matchedRoutes } from "@hono/hono/route";
import type { Metrics } from "@playground/shared/metrics";
import type { ServerEnvironment } from "./request_tracing.ts";

/**
 * The methods of the semantic conventions (https://opentelemetry.io/docs/specs/semconv/http/http-metrics/); callers may send
 * anything.
 */
const KNOWN_METHODS: ReadonlySet<string> = new Set(
  ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"],
);
/** Middleware's path, which is not a route. */
const MIDDLEWARE = "/*";

/** Measures how long answers take, and counts accepted and refused emails. */
export function measureRequests(metrics: Metrics): MiddlewareHandler<ServerEnvironment> {
  const durations = metrics.histogram("http.server.request.duration");
  const accepted = metrics.counter("playground.email.accepted");
  const refused = metrics.counter("playground.email.refused");
  return async function measureRequest(c, next) {
    const startMs = performance.now();
    await next();
    const { status } = c.res;
    const { method } = c.req;
    const route = matchedRoutes(c).findLast(({ path }) => !path.endsWith(MIDDLEWARE))?.path;
    durations.record((performance.now() - startMs) / 1_000, {
      "http.request.method": KNOWN_METHODS.has(method) ? method : "_OTHER",
      "http.response.status_code": status,
      "url.scheme": "http",
      ...(route === undefined ? {} : { "http.route": route }),
      ...(status >= 500 ? { "error.type": String(status) } : {}),
    });
    if (method !== "POST" || route !== "/email") return;
    if (status === 202) accepted.add(1);
    else refused.add(1, { reason: c.get("problemTitle") ?? String(status) });
  };
}

import type { Handler } from "@hono/hono";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import { emailStateOf, type ReadEmailSpans } from "./trace_view/mod.ts";

/** What the route needs. */
export interface TraceRouteOptions {
  /** Reads the spans of an email; absent where there is no collector. */
  readonly readSpans: ReadEmailSpans | undefined;
  /** The address at which people see a trace; none where there is no collector. */
  readonly traceUrl: (traceId: string) => string | undefined;
}

const TRACE_ID = /^[0-9a-f]{32}$/;

/**
 * `GET /api/traces/{id}`: the state of an email and all spans of its traces.
 *
 * @param options What it needs.
 * @returns The handler.
 */
export function getTrace({ readSpans, traceUrl }: TraceRouteOptions): Handler<ServerEnvironment> {
  return async function getTrace(c) {
    const traceId = c.req.param("id") ?? "";
    if (!TRACE_ID.test(traceId)) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid trace id",
        detail: "Cannot look the trace up: its id is not valid; give 32 hexadecimal digits",
      });
    }
    if (readSpans === undefined) {
      return answerProblem(c, {
        status: 503,
        title: "No collector",
        detail: "Cannot show the trace: no collector is configured; set ZIPKIN_URL to see traces",
      });
    }
    const result = await readSpans(traceId);
    switch (result.status) {
      case "found":
        return c.json({
          traceId,
          traceUrl: traceUrl(traceId),
          state: emailStateOf(result.spans),
          spans: result.spans,
        });
      case "unknown":
        return answerProblem(c, {
          status: 404,
          title: "Unknown trace",
          detail:
            "Cannot show the trace: the collector does not know it; a new one takes about a second",
        });
      case "unavailable":
        return answerProblem(c, {
          status: 503,
          title: "Collector unavailable",
          detail: `Cannot show the trace: ${result.reason}; emails travel all the same`,
          headers: { "Retry-After": "5" },
        });
    }
  };
}

import type { Context, Handler } from "@hono/hono";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import { isTraceId } from "./trace_id.ts";
import { type EmailReader, NO_COLLECTOR } from "./trace_view/mod.ts";

/** `GET /api/traces/{id}`: the state of an email, the spans of its traces, and how to draw them. */
export function getTrace(reader: EmailReader | undefined): Handler<ServerEnvironment> {
  return async function getTrace(c) {
    const traceId = c.req.param("id") ?? "";
    if (!isTraceId(traceId)) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid trace id",
        detail: "Cannot look the trace up: its id is not valid; give 32 hexadecimal digits",
      });
    }
    if (reader === undefined) return noCollector(c, "show the trace");
    const result = await reader.trace(traceId);
    switch (result.status) {
      case "found":
        return c.json(result.trace);
      case "unknown":
        return answerProblem(c, {
          status: 404,
          title: "Unknown trace",
          detail:
            "Cannot show the trace: the collector does not know it; a new one takes about a second",
        });
      case "unavailable":
        return collectorUnavailable(c, "show the trace", result.reason);
    }
  };
}

/** Answers that there is no collector, which waiting will not change. */
export function noCollector(c: Context<ServerEnvironment>, action: string): Response {
  return answerProblem(c, {
    status: 503,
    title: "No collector",
    detail: `Cannot ${action}: ${NO_COLLECTOR}`,
  });
}

/** Answers that the collector cannot be asked for now. */
export function collectorUnavailable(
  c: Context<ServerEnvironment>,
  action: string,
  reason: string,
): Response {
  return answerProblem(c, {
    status: 503,
    title: "Collector unavailable",
    detail: `Cannot ${action}: ${reason}; emails travel all the same`,
    headers: { "Retry-After": "5" },
  });
}

import type { Handler } from "@hono/hono";
import { z } from "zod";
import { answerProblem, collectorUnavailable, noCollector } from "./problem.ts";
import { emailIn, readQuery, required, traceIn } from "./query.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import { answerBodyRefusal, type BodyLimits, readBody } from "./request_body.ts";
import {
  describeEmailTrace,
  type EmailReader,
  MAX_SPANS,
  readTraceFile,
} from "./trace_view/mod.ts";
import { Turns } from "./turns.ts";

/** The largest document: about ten thousand spans. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

export const traceQuery = z.object({ id: required(traceIn("id")), email: emailIn("email") });

/**
 * `GET /api/traces/{id}`: the states of a trace's emails, the spans, and how to draw them; with `?email=` the journey of one of
 * them.
 */
export function getTrace(reader: EmailReader | undefined): Handler<ServerEnvironment> {
  return async function getTrace(c) {
    const query = readQuery(c, traceQuery, "look the trace up");
    if (query instanceof Response) return query;
    const { id, email } = query;
    if (reader === undefined) return noCollector(c, "show the trace");
    const result = await reader.trace(id, email);
    switch (result.status) {
      case "found":
        return c.json(result.trace);
      case "unknown": {
        const what = email === undefined ? "trace" : "email";
        return answerProblem(c, {
          status: 404,
          title: `Unknown ${what}`,
          detail:
            `Cannot show the ${what}: the collector does not know it; a new one takes about a second`,
        });
      }
      case "unavailable":
        return collectorUnavailable(c, "show the trace", result.reason);
    }
  };
}

/** `POST /api/traces`: the same for spans that the caller has, from any collector. */
export function postTrace(bodies: BodyLimits): Handler<ServerEnvironment> {
  // The spans of a document take many times its size.
  const turns = new Turns(1);
  return async function postTrace(c) {
    const body = await readBody(c.req.raw, MAX_FILE_BYTES, bodies);
    if (body.status !== "read") return answerBodyRefusal(c, "show the trace", body);
    using _reservation = body.reservation;
    using turn = await turns.take();
    if (turn === undefined) return answerBodyRefusal(c, "show the trace", { status: "no-room" });
    const file = await readTraceFile(new Blob([body.bytes]).stream(), MAX_SPANS);
    if (file.status === "invalid") {
      return answerProblem(c, {
        status: 400,
        title: "Invalid trace",
        detail: `Cannot show the trace: ${file.reason}; send a list of spans in Zipkin's form`,
      });
    }
    return c.json(describeEmailTrace(file.traceId, file, undefined));
  };
}

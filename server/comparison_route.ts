import type { Context, Handler } from "@hono/hono";
import { z } from "zod";
import { answerProblem, collectorUnavailable, noCollector } from "./problem.ts";
import { emailIn, readQuery, required, traceIn } from "./query.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import {
  compareTraces,
  type EmailReader,
  type EmailSummary,
  type EmailTrace,
} from "./trace_view/mod.ts";

const ACTION = "compare the traces";
const NO_HEALTHY_EMAIL =
  "there is no healthy email to compare it with; send one, or name another trace";
/** How many of the newest emails are searched for a healthy one. */
const SEARCHED_COUNT = 100;

export const comparisonQuery = z.object({
  left: required(traceIn("left")),
  leftEmail: emailIn("leftEmail"),
  right: traceIn("right"),
  rightEmail: emailIn("rightEmail"),
});

/** `GET /api/compare`: what differs between two traces or emails; without a second one, from a healthy email. */
export function getComparison(reader: EmailReader | undefined): Handler<ServerEnvironment> {
  return async function getComparison(c) {
    const query = readQuery(c, comparisonQuery, ACTION);
    if (query instanceof Response) return query;
    const { left, leftEmail, right, rightEmail } = query;
    if (reader === undefined) return noCollector(c, ACTION);
    const one = await reader.trace(left, leftEmail);
    if (one.status === "unavailable") return collectorUnavailable(c, ACTION, one.reason);
    if (one.status === "unknown") return unknown(c, "left");
    let [traceId, emailId] = [right, rightEmail];
    if (traceId === undefined) {
      const recent = await reader.recent(SEARCHED_COUNT);
      if (recent.status === "unavailable") return collectorUnavailable(c, ACTION, recent.reason);
      const healthy = one.trace.emails.length === 0
        ? undefined
        : recent.emails.find((email) => isHealthy(email) && !isOf(email, one.trace));
      if (healthy === undefined) return notFound(c, "No healthy email", NO_HEALTHY_EMAIL);
      ({ traceId, emailId } = healthy);
    }
    const two = await reader.trace(traceId, emailId);
    if (two.status === "unavailable") return collectorUnavailable(c, ACTION, two.reason);
    if (two.status === "unknown") return unknown(c, "right");
    return c.json(compareTraces(one.trace, two.trace));
  };
}

function unknown(c: Context<ServerEnvironment>, side: string): Response {
  const reason = `the collector does not know the ${side} one; a new one takes about a second`;
  return notFound(c, "Unknown trace", reason);
}

function notFound(c: Context<ServerEnvironment>, title: string, reason: string): Response {
  return answerProblem(c, { status: 404, title, detail: `Cannot ${ACTION}: ${reason}` });
}

function isHealthy({ state, attempts }: EmailSummary): boolean {
  return state.name === "archived" && attempts.length === 1;
}

function isOf({ emailId }: EmailSummary, { emails }: EmailTrace): boolean {
  return emails.some((own) => own.emailId === emailId);
}

import type { Handler } from "@hono/hono";
import { DEFAULT_EMAIL_COUNT } from "./live/mod.ts";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import { collectorUnavailable, noCollector } from "./trace_route.ts";
import type { EmailReader } from "./trace_view/mod.ts";

/** A longer list is costly for the collector, and nobody reads it. */
export const MAX_EMAIL_COUNT = 100;

/** The latest time of a `Date`, in milliseconds since 1970. */
export const MAX_TIME_MS = 8.64e15;

/** `GET /api/emails`: the most recent emails, or those between two times, newest first, each with its state. */
export function getEmails(reader: EmailReader | undefined): Handler<ServerEnvironment> {
  return async function getEmails(c) {
    const limit = numberIn(c.req.queries("limit")) ?? DEFAULT_EMAIL_COUNT;
    if (!(limit >= 1 && limit <= MAX_EMAIL_COUNT)) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid limit",
        detail:
          `Cannot list the emails: the limit is not valid; give a number from 1 to ${MAX_EMAIL_COUNT}`,
      });
    }
    const fromMs = numberIn(c.req.queries("from"));
    const toMs = numberIn(c.req.queries("to"));
    if (![fromMs, toMs].every((timeMs = 0) => timeMs <= MAX_TIME_MS)) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid time",
        detail:
          "Cannot list the emails: the time is not valid; give from and to in milliseconds since 1970",
      });
    }
    if (reader === undefined) return noCollector(c, "list the emails");
    const result = await reader.recent(limit, fromMs, toMs);
    return result.status === "found"
      ? c.json({ emails: result.emails })
      : collectorUnavailable(c, "list the emails", result.reason);
  };
}

/** A parameter's whole number, NaN if it is invalid, `undefined` if it is absent. */
function numberIn(values: readonly string[] | undefined): number | undefined {
  const [text, ...others] = values ?? [];
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) && others.length === 0 ? Number(text) : NaN;
}

import type { Handler } from "@hono/hono";
import { DEFAULT_EMAIL_COUNT } from "./live/mod.ts";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import { collectorUnavailable, noCollector } from "./trace_route.ts";
import type { EmailReader } from "./trace_view/mod.ts";

/** A longer list is costly for the collector, and nobody reads it. */
export const MAX_EMAIL_COUNT = 100;

/** `GET /api/emails`: the most recent emails, newest first, each with its state. */
export function getEmails(reader: EmailReader | undefined): Handler<ServerEnvironment> {
  return async function getEmails(c) {
    const limit = limitIn(c.req.queries("limit"), DEFAULT_EMAIL_COUNT);
    if (limit === undefined) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid limit",
        detail: `Cannot list the emails: ${INVALID_LIMIT}`,
      });
    }
    if (reader === undefined) return noCollector(c, "list the emails");
    const result = await reader.recent(limit);
    return result.status === "found"
      ? c.json({ emails: result.emails })
      : collectorUnavailable(c, "list the emails", result.reason);
  };
}

export const INVALID_LIMIT = `the limit is not valid; give a number from 1 to ${MAX_EMAIL_COUNT}`;

/** The limit of a list from a query, `undefined` if it is not valid. */
export function limitIn(
  [text, ...others]: readonly (string | undefined)[] = [],
  byDefault: number,
): number | undefined {
  if (text === undefined) return byDefault;
  const limit = /^\d+$/.test(text) && others.length === 0 ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_EMAIL_COUNT ? limit : undefined;
}

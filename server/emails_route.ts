import type { Handler } from "@hono/hono";
import { z } from "zod";
import { DEFAULT_EMAIL_COUNT } from "./live/mod.ts";
import { collectorUnavailable, noCollector } from "./problem.ts";
import { limit, readQuery, times, wholeNumber } from "./query.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import type { EmailReader } from "./trace_view/mod.ts";

const ACTION = "list the emails";

export const emailsQuery = z.object({
  limit: limit("The maximum number", DEFAULT_EMAIL_COUNT),
  ...times(() => wholeNumber("the time is not valid; give from and to in milliseconds since 1970")),
});

/** `GET /api/emails`: the most recent emails, or those between two times, newest first, each with its state. */
export function getEmails(reader: EmailReader | undefined): Handler<ServerEnvironment> {
  return async function getEmails(c) {
    const titleOf = (name: string) => name === "limit" ? "Invalid limit" : "Invalid time";
    const query = readQuery(c, emailsQuery, ACTION, titleOf);
    if (query instanceof Response) return query;
    if (reader === undefined) return noCollector(c, ACTION);
    const result = await reader.recent(query.limit, query.from, query.to);
    return result.status === "found"
      ? c.json({ emails: result.emails })
      : collectorUnavailable(c, ACTION, result.reason);
  };
}

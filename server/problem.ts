import type { Context } from "@hono/hono";
import type { ContentfulStatusCode } from "@hono/hono/utils/http-status";
import type { DocumentProblem } from "@playground/shared/email";
import { activeTraceId } from "@playground/shared/tracing";
import { z } from "zod";
import type { ServerEnvironment } from "./request_tracing.ts";
import { NO_COLLECTOR } from "./trace_view/mod.ts";

export const problemBody = z.object({
  type: z.string(),
  title: z.string().describe("The same for all problems of a kind"),
  status: z.int(),
  detail: z.string().describe("What is wrong with this request, and what to do"),
  traceId: z.string().describe("The trace of this request"),
  errors: z.array(z.object({
    pointer: z.string().describe("Where, as a JSON Pointer (RFC 6901)"),
    detail: z.string(),
  })).optional().describe("The problems of the document's members"),
}).describe("An error (RFC 9457)");

export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly DocumentProblem[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with a problem. The trace id is the `X-B3-TraceId` that the answer carries as well. */
export function answerProblem(c: Context<ServerEnvironment>, problem: Problem): Response {
  const { status, headers, ...members } = problem;
  c.set("failure", `${status} ${problem.title}: ${problem.detail}`);
  c.set("problemTitle", problem.title);
  const traceId = activeTraceId() ?? undefined;
  return c.json({ type: "about:blank", status, ...members, traceId }, status, {
    ...headers,
    "content-type": "application/problem+json",
  });
}

/** Answers that something is away for now. */
export function answerUnavailable(
  c: Context<ServerEnvironment>,
  title: string,
  detail: string,
  retryAfterSeconds = 5,
): Response {
  const headers = { "Retry-After": String(retryAfterSeconds) };
  return answerProblem(c, { status: 503, title, detail, headers });
}

export function methodNotAllowed(c: Context<ServerEnvironment>, allowed: string): Response {
  return answerProblem(c, {
    status: 405,
    title: "Method not allowed",
    detail: `Cannot answer: this path accepts only ${allowed}; use that`,
    headers: { Allow: allowed },
  });
}

/** Answers that there is no collector; a retry would not help. */
export function noCollector(c: Context<ServerEnvironment>, action: string): Response {
  return answerProblem(c, {
    status: 503,
    title: "No collector",
    detail: `Cannot ${action}: ${NO_COLLECTOR}`,
  });
}

export function collectorUnavailable(
  c: Context<ServerEnvironment>,
  action: string,
  reason: string,
): Response {
  const detail = `Cannot ${action}: ${reason}; emails travel all the same`;
  return answerUnavailable(c, "Collector unavailable", detail);
}

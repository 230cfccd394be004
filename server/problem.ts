import type { Context } from "@hono/hono";
import type { ContentfulStatusCode } from "@hono/hono/utils/http-status";
import type { DocumentProblem } from "@playground/shared/email";
import { activeTraceId } from "@playground/shared/tracing";
import type { ServerEnvironment } from "./request_tracing.ts";

/** An error answer in the form of RFC 9457. */
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

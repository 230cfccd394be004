import { type Context, Hono } from "@hono/hono";
import { bearerAuth } from "@hono/hono/bearer-auth";
import { bodyLimit } from "@hono/hono/body-limit";
import { HTTPException } from "@hono/hono/http-exception";
import { getLogger } from "@logtape/logtape";
import { answerHealth, type Readiness } from "@playground/shared/lifecycle";
import type { Tracing } from "@playground/shared/tracing";
import { MAX_REQUEST_BYTES, postEmail } from "./email_route.ts";
import type { ScheduleEmail } from "./email_scheduler.ts";
import { limitInFlight, type RequestLimits } from "./limits.ts";
import { openApiDocument } from "./openapi.ts";
import { answerProblem } from "./problem.ts";
import { type ServerEnvironment, traceRequests } from "./request_tracing.ts";
import { getTrace } from "./trace_route.ts";
import type { ReadEmailSpans } from "./trace_view/mod.ts";

/** What the HTTP application is made of. */
export interface AppOptions {
  /** Starts the spans of the requests. */
  readonly tracing: Tracing;
  /** Puts an email on the queue. */
  readonly schedule: ScheduleEmail;
  /** Reads the spans of an email; absent where there is no collector. */
  readonly readSpans?: ReadEmailSpans | undefined;
  /** Whether emails can be taken now. */
  readonly readiness: () => Readiness;
  /** How many spans were lost. */
  readonly lostSpanCount: () => number;
  /** The address at which people see a trace; none where there is no collector. */
  readonly traceUrl: (traceId: string) => string | undefined;
  /** What bounds a request. */
  readonly limits?: RequestLimits | undefined;
  /** What callers must present; absent: anybody may call. */
  readonly apiToken?: string | undefined;
}

/**
 * The message server as a Hono application: routes, and what all of them have in common.
 *
 * @param options What it is made of.
 * @returns The application; call its `fetch` with a {@linkcode ServerEnvironment}'s bindings.
 */
export function createApp(options: AppOptions): Hono<ServerEnvironment> {
  const { tracing, apiToken } = options;
  const app = new Hono<ServerEnvironment>();

  app.use(async (c, next) => answerHealth(c.req.raw, options) ?? await next());
  app.use(traceRequests(tracing));
  app.notFound((c) =>
    answerProblem(c, {
      status: 404,
      title: "Not found",
      detail: `Cannot answer: there is nothing at this path; see /openapi.json for what there is`,
    })
  );
  app.onError(answerException);

  if (apiToken !== undefined) {
    const requireToken = bearerAuth({ token: apiToken });
    app.use("/email", requireToken);
    app.use("/api/*", requireToken);
  }
  app.post(
    "/email",
    limitInFlight(options.limits ?? {}),
    bodyLimit({ maxSize: MAX_REQUEST_BYTES, onError: tooLarge }),
    postEmail(options),
  );
  app.all("/email", (c) => methodNotAllowed(c, "POST"));
  app.get(
    "/api/traces/:id",
    getTrace({ readSpans: options.readSpans, traceUrl: options.traceUrl }),
  );
  app.all("/api/traces/:id", (c) => methodNotAllowed(c, "GET"));
  app.get("/openapi.json", (c) => c.json(openApiDocument()));
  app.all("/openapi.json", (c) => methodNotAllowed(c, "GET"));
  return app;
}

function tooLarge(c: Context<ServerEnvironment>): Response {
  return answerProblem(c, {
    status: 413,
    title: "Request too large",
    detail:
      `Cannot take the email: the request has more than ${MAX_REQUEST_BYTES} bytes; send a shorter body`,
  });
}

function methodNotAllowed(c: Context<ServerEnvironment>, allowed: string): Response {
  return answerProblem(c, {
    status: 405,
    title: "Method not allowed",
    detail: `Cannot answer: this path takes ${allowed} only; use that`,
    headers: { Allow: allowed },
  });
}

/** The one place where exceptions become answers. What is not meant for the caller goes to the log only. */
function answerException(error: Error, c: Context<ServerEnvironment>): Response {
  // Hono's bearer authentication throws 401, and 400 for a header of another form; to the caller both are the same.
  if (error instanceof HTTPException && (error.status === 401 || error.status === 400)) {
    return answerProblem(c, {
      status: 401,
      title: "Unauthorized",
      detail:
        "Cannot answer: the token is missing or wrong; send Authorization: Bearer <API_TOKEN>",
      headers: { "WWW-Authenticate": 'Bearer realm="message-server"' },
    });
  }
  getLogger(["message-server"]).error("Request failed: {error}", { error });
  return answerProblem(c, {
    status: 500,
    title: "Internal error",
    detail: "Cannot answer: the server failed; its log says why, under the trace id",
  });
}

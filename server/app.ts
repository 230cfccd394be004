import { type Context, type Handler, Hono, type MiddlewareHandler } from "@hono/hono";
import { HTTPException } from "@hono/hono/http-exception";
import { getLogger } from "@logtape/logtape";
import { isOfOtherSite } from "@playground/shared/http";
import { answerHealth, type Readiness } from "@playground/shared/lifecycle";
import type { Metrics } from "@playground/shared/metrics";
import type { Tracing } from "@playground/shared/tracing";
import type { ReadMail } from "./archive_client.ts";
import { type EmailRouteOptions, postEmail } from "./email_route.ts";
import {
  type DeadLetterRouteOptions,
  getDeadLetters,
  postDeadLetters,
} from "./dead_letters/dead_letters_route.ts";
import { getEmails } from "./emails_route.ts";
import { type Explorer, exploreRoutes } from "./explore/mod.ts";
import { refuseOtherSites, requireLoopbackHost, requireToken } from "./guards.ts";
import { measureRequests } from "./measured_requests.ts";
import { type EventsRouteOptions, getEvents } from "./live/mod.ts";
import { getMail } from "./mail_route.ts";
import { describeApi } from "./openapi/mod.ts";
import { getComparison } from "./comparison_route.ts";
import { createPage } from "./page/mod.ts";
import { passThrough } from "./pass_through.ts";
import { answerProblem, answerUnavailable, methodNotAllowed } from "./problem.ts";
import { getQueues } from "./queues_route.ts";
import { IncompleteBodyError } from "./request_body.ts";
import { type ServerEnvironment, traceRequests } from "./request_tracing.ts";
import { getTrace, postTrace } from "./trace_route.ts";
import type { EmailReader } from "./trace_view/mod.ts";

export interface AppOptions extends EmailRouteOptions, EventsRouteOptions, DeadLetterRouteOptions {
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  /** Reads the state of emails; absent without a collector. */
  readonly emails?: EmailReader | undefined;
  /** Searches all emails that the collector holds; absent without a collector. */
  readonly explorer?: Explorer | undefined;
  /** Reads archived mails; absent without an archive. */
  readonly readMail?: ReadMail | undefined;
  /** Base address of the control API, which defines faults, lessons and mysteries; absent if there is none. */
  readonly faultsUrl?: URL | undefined;
  readonly readiness: () => Readiness;
  readonly lostSpanCount: () => number;
  /** The token that callers must present; absent: anyone may call. */
  readonly apiToken?: string | undefined;
  readonly isLocal?: boolean;
  /** Whether the server is stopping, which cuts off incomplete bodies. @default no */
  readonly isStopping?: () => boolean;
}

export function createApp(options: AppOptions): Hono<ServerEnvironment> {
  const { tracing, metrics, apiToken } = options;
  const app = new Hono<ServerEnvironment>();

  app.use(async (c, next) => answerHealth(c.req.raw, options) ?? await next());
  app.use(measureRequests(metrics));
  const refusesSites = apiToken === undefined;
  app.use(traceRequests(tracing, (request) => refusesSites && isOfOtherSite(request)));
  app.notFound((c) =>
    answerProblem(c, {
      status: 404,
      title: "Not found",
      detail: `Cannot answer: there is nothing at this path; see /openapi.json`,
    })
  );
  app.onError((error, c) =>
    error instanceof IncompleteBodyError
      ? answerIncomplete(c, options.isStopping?.() ?? false)
      : answerException(error, c)
  );

  const api = describeApi({ requiresToken: apiToken !== undefined });
  // Before the guards: the pages contain only what is in the source.
  app.route("/", createPage(options.faultsUrl !== undefined, api));

  const guards = [
    refusesSites ? refuseOtherSites : requireToken(apiToken),
    ...(options.isLocal ? [requireLoopbackHost] : []),
  ];
  for (const path of ["/email", "/api/*", "/metrics"]) app.use(path, ...guards);
  app.use("/api/*", forbidCaching);
  const routes: Readonly<Record<string, Handler<ServerEnvironment>>> = {
    "POST /email": postEmail(options),
    "GET /api/emails": getEmails(options.emails),
    "POST /api/traces": postTrace(options.bodies),
    "GET /api/traces/:id": getTrace(options.emails),
    "GET /api/compare": getComparison(options.emails),
    "GET /api/events": getEvents(options),
    "GET /api/mails/:documentId": getMail(options.readMail),
    ...exploreRoutes(options.explorer),
    "GET /api/dead-letters": getDeadLetters(options),
    "POST /api/dead-letters": postDeadLetters(options),
    "GET /api/queues": getQueues(options.readQueues),
    "GET /openapi.json": (c) => c.json(api),
    "GET /metrics": async (c) => await metrics.answer(c.req.raw) ?? c.notFound(),
  };
  for (const [route, handler] of Object.entries(routes)) {
    const [method = "", path = ""] = route.split(" ");
    app.on(method, path, handler);
  }
  const served = app.routes.filter(({ method }) => method !== "ALL");
  for (const [path, methods] of Map.groupBy(served, ({ path }) => path)) {
    const names = methods.flatMap(({ method }) => method === "GET" ? ["GET", "HEAD"] : method);
    const allowed = [...new Set(names)].join(", ");
    app.all(path, (c) => methodNotAllowed(c, allowed));
  }
  if (options.faultsUrl !== undefined) {
    for (const collection of ["faults", "lessons", "mystery"]) {
      app.route(`/api/${collection}`, passThrough(options.faultsUrl, collection, options.bodies));
    }
  }
  return app;
}

/** The state of emails changes at any moment, and is for the caller only. */
const forbidCaching: MiddlewareHandler<ServerEnvironment> = async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
};

/** The body will never be complete: its caller left, or the server is stopping. Deno reports both the same way. */
function answerIncomplete(c: Context<ServerEnvironment>, isStopping: boolean): Response {
  return isStopping
    ? answerUnavailable(
      c,
      "Stopping",
      "Cannot answer: the server is stopping; send the request again in a few seconds",
    )
    : answerProblem(c, {
      status: 400,
      title: "Incomplete request",
      detail: "Cannot answer: the caller left before the whole body had arrived; send it again",
    });
}

/** The one place where other exceptions become answers. Internal details go only to the log. */
function answerException(error: Error, c: Context<ServerEnvironment>): Response {
  if (error instanceof HTTPException && error.status < 500) {
    return answerProblem(c, {
      status: error.status,
      title: "Bad request",
      detail: `Cannot answer: ${error.message || "the request is not valid"}; see /openapi.json`,
    });
  }
  getLogger(["message-server"]).error("Request failed: {error}", { error });
  return answerProblem(c, {
    status: 500,
    title: "Internal error",
    detail: "Cannot answer: the server failed; look for the trace id in its log",
  });
}

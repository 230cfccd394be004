import { getLogger } from "@logtape/logtape";
import { type Context, Hono, type MiddlewareHandler } from "@hono/hono";
import type { Faults } from "../faults/registry.ts";
import { hasJson, ownHostOnly } from "../guards.ts";
import { answerPage, answerStyleSheet, type Html, NO_LINKS, type ReadLinks } from "../page.ts";
import { STYLE_SHEET } from "./pages/style.ts";
import { invalidTraceIdView, traceView, unknownTraceView } from "./pages/trace_page.ts";
import { tracesView } from "./pages/traces_page.ts";
import { decodeBody, readBody } from "./read_spans.ts";
import { InvalidRequestError, normalizeTraceId } from "./span_fields.ts";
import type { SpanPath } from "./span_path.ts";
import { countDependencies, findTraces } from "./span_queries.ts";
import type { SpanStore } from "./span_store.ts";
import { parseTimeRange, parseTraceQuery } from "./trace_query.ts";
import { summarize } from "./trace_summary.ts";

const logger = getLogger(["standins", "zipkin"]);

const STYLE_PATH = "/zipkin/style.css";

const LISTED_TRACES = 50;

/** The configuration of Zipkin's own page, with a default server's values. */
const PAGE_CONFIGURATION = {
  environment: "",
  queryLimit: 10,
  defaultLookback: 900_000,
  searchEnabled: true,
  logsUrl: null,
  supportUrl: null,
  archivePostUrl: null,
  archiveUrl: null,
  dependency: { enabled: true, lowErrorRate: 0.5, highErrorRate: 0.75 },
};

/** The modelled version of Zipkin. */
const SERVER_INFORMATION = { zipkin: { version: "3.6.1", commit: "stand-in" } };

/** The collector, the query API (also below `/zipkin`, as Zipkin's own page uses it) and the pages. */
export function createZipkinApp(
  store: SpanStore,
  faults: Faults,
  path: Pick<SpanPath, "take">,
  links: ReadLinks = NO_LINKS,
): Hono {
  const app = new Hono();
  const queries = queryApi(store);
  app.use(ownHostOnly());
  for (const path of ["/api/*", "/zipkin/api/*"]) app.use(path, failing(faults));
  app.post("/api/v2/spans", (context) => collect(context, store, path));
  app.route("/api/v2", queries);
  app.route("/zipkin/api/v2", queries);
  app.get("/health", (context) => {
    store.latestTraceIds(1); // throws when the store cannot be read
    return context.json({
      status: "UP",
      zipkin: { status: "UP", details: { SQLite: { status: "UP" } } },
    });
  });
  app.get("/info", (context) => context.json(SERVER_INFORMATION));
  app.get("/zipkin/config.json", (context) => context.json(PAGE_CONFIGURATION));
  app.get("/", (context) => context.redirect("/zipkin/"));
  app.get("/zipkin", (context) => context.redirect("/zipkin/"));
  app.route("/", pages(store, links));
  app.notFound((context) => context.text("404 Not Found", 404));
  app.onError((error, context) => {
    if (error instanceof InvalidRequestError) return context.text(error.message, error.status);
    logger.error("Cannot answer {method} {path}: {error}", {
      method: context.req.method,
      path: context.req.path,
      error,
    });
    return context.text("Internal Server Error", 500);
  });
  return app;
}

function failing(faults: Faults): MiddlewareHandler {
  return async (context, next) => {
    const hanging = faults.holdUp("zipkin.hang");
    if (hanging !== undefined) {
      await hanging;
      // The client has already disconnected.
      return context.text("The fault zipkin.hang was on", 503);
    }
    await faults.holdUp("zipkin.delay");
    const status = faults.hit("zipkin.reply");
    if (status === undefined) return await next();
    return new Response("The fault zipkin.reply is on", { status: Number(status) });
  };
}

/** Spans in: read, decode, store, and only then accept. */
async function collect(
  context: Context,
  store: SpanStore,
  path: Pick<SpanPath, "take">,
): Promise<Response> {
  if (!hasJson(context)) {
    throw new InvalidRequestError(
      "Cannot read spans: this collector reads application/json only",
      415,
    );
  }
  const body = await readBody(context.req.raw);
  store.add(path.take(decodeBody(body, context.req.raw.headers)));
  return context.body(null, 202);
}

function queryApi(store: SpanStore): Hono {
  const api = new Hono();
  const service = (context: Context) => required(context, "serviceName").toLowerCase();
  api.get("/services", (context) => context.json(store.serviceNames()));
  api.get("/spans", (context) => context.json(store.spanNames(service(context))));
  api.get("/remoteServices", (context) => context.json(store.remoteServiceNames(service(context))));
  api.get("/trace/:traceId", (context) => {
    const traceId = normalizeTraceId(context.req.param("traceId").trim());
    const spans = store.trace(traceId);
    return spans.length === 0 ? context.text(`${traceId} not found`, 404) : context.json(spans);
  });
  api.get("/traceMany", (context) => {
    const traces = parseTraceIds(required(context, "traceIds")).map((id) => store.trace(id));
    return context.json(traces.filter((spans) => spans.length > 0));
  });
  api.get("/traces", async (context) => {
    const query = parseTraceQuery(context.req.query(), Date.now());
    return context.json(await findTraces(store, query));
  });
  api.get("/dependencies", async (context) => {
    required(context, "endTs");
    const range = parseTimeRange(context.req.query(), Date.now());
    return context.json(await countDependencies(store, range));
  });
  // Tag completion covers only configured keys; here are none.
  api.get("/autocompleteKeys", (context) => context.json([]));
  api.get("/autocompleteValues", (context) => {
    if (required(context, "key") === "") throw new InvalidRequestError("key was empty");
    return context.json([]);
  });
  return api;
}

function pages(store: SpanStore, links: ReadLinks): Hono {
  const app = new Hono();
  const answer = (context: Context, title: string, content: Html, status: 200 | 400 | 404 = 200) =>
    answerPage(
      context,
      { title, content, name: "Zipkin", links: links(), stylePath: STYLE_PATH },
      status,
    );
  app.get(STYLE_PATH, (context) => answerStyleSheet(context, STYLE_SHEET));
  app.get("/zipkin/", (context) => {
    const traceIds = store.latestTraceIds(LISTED_TRACES);
    const traces = traceIds.map((id) => summarize(id, store.trace(id)));
    return answer(context, "Traces", tracesView(traces));
  });
  app.get("/zipkin/traces/:traceId", (context) => {
    const traceId = normalizeTraceId(context.req.param("traceId").trim().toLowerCase());
    const spans = store.trace(traceId);
    if (spans.length === 0) return answer(context, "Unknown trace", unknownTraceView(traceId), 404);
    const trace = summarize(traceId, spans);
    return answer(context, `${trace.name} – trace ${traceId}`, traceView(trace, links().Journey));
  });
  app.onError((error, context) => {
    if (!(error instanceof InvalidRequestError)) throw error;
    return answer(context, "No trace id", invalidTraceIdView(error.message), 400);
  });
  return app;
}

/** The parameter may be empty. */
function required(context: Context, name: string): string {
  const value = context.req.query(name);
  if (value !== undefined) return value;
  throw new InvalidRequestError(`Mandatory parameter/header/attribute is missing: ${name}`);
}

function parseTraceIds(list: string): readonly string[] {
  if (list === "") throw new InvalidRequestError("traceIds parameter is empty");
  const ids = new Set<string>();
  for (const text of list.split(",")) {
    const id = normalizeTraceId(text);
    if (ids.has(id)) throw new InvalidRequestError(`redundant traceId: ${text}`);
    ids.add(id);
  }
  if (ids.size === 1) {
    throw new InvalidRequestError(
      "Use /api/v2/trace/{traceId} endpoint to retrieve a single trace",
    );
  }
  return [...ids];
}

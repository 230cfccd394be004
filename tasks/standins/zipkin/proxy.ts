/**
 * A proxy before a real Zipkin, in which the faults of spans strike. Everything else passes unchanged.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { Hono } from "@hono/hono";
import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials } from "@playground/shared/http";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { Faults } from "../faults/registry.ts";
import { ownHostOnly } from "../guards.ts";
import { LOOPBACK, serveHttpOn } from "../listen.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { decodeBody, readBody } from "./read_spans.ts";
import { InvalidRequestError } from "./span_fields.ts";
import { SpanPath } from "./span_path.ts";

const logger = getLogger(["standins", "zipkin"]);

/** As long as a service waits for its collector. */
const POST_TIMEOUT_MS = 2_000;
/** A long trace takes a while. */
const QUERY_TIMEOUT_MS = 60_000;

const REQUEST_HEADERS = ["accept", "content-encoding", "content-type"];
const ANSWER_HEADERS = ["content-type", "retry-after"];

interface ZipkinProxyOptions extends Pick<StandInOptions, "faults" | "port"> {
  readonly zipkinUrl: URL;
}

/** Starts the proxy. Disposing it first passes on the spans that are held back. */
export async function startZipkinProxy(
  { zipkinUrl, faults = new Faults(), port = 0 }: ZipkinProxyOptions,
): Promise<StandIn> {
  await using resources = new AsyncDisposableStack();
  const fetcher = fetchWithCredentials(zipkinUrl);
  const ask = async (path: string, init: RequestInit, timeoutMs = POST_TIMEOUT_MS) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetcher(underBase(zipkinUrl, path), { ...init, signal });
    const { status, body } = answer;
    return new Response(body, { status, headers: only(ANSWER_HEADERS, answer.headers) });
  };
  const post = (body: BodyInit, headers: HeadersInit) =>
    ask("api/v2/spans", { method: "POST", headers, body });
  const postSpans = (spans: readonly ZipkinSpan[]) =>
    post(JSON.stringify(spans), { "content-type": "application/json" });
  const path = resources.use(
    new SpanPath(faults, async (spans) => {
      const answer = await postSpans(spans);
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`Zipkin answered ${answer.status}`);
    }),
  );
  const app = new Hono();
  app.use(ownHostOnly());
  app.post("/api/v2/spans", async (c) => {
    const { headers } = c.req.raw;
    const body = await readBody(c.req.raw);
    if (path.isClear) return await post(body, only(REQUEST_HEADERS, headers));
    const now = path.take(decodeBody(body, headers));
    return now.length === 0 ? c.body(null, 202) : await postSpans(now);
  });
  app.get("*", (c) => {
    const { pathname, search } = new URL(c.req.url);
    const headers = only(REQUEST_HEADERS, c.req.raw.headers);
    return ask(`${pathname.slice(1)}${search}`, { headers }, QUERY_TIMEOUT_MS);
  });
  app.onError((error, c) => {
    if (error instanceof InvalidRequestError) return c.text(error.message, error.status);
    logger.debug("Cannot pass on a request to Zipkin: {error}", { error });
    return c.text(`Cannot reach Zipkin: ${failureReason(error)}`, 502);
  });
  const { url } = resources.use(await serveHttpOn(LOOPBACK, port, app.fetch));
  return Object.assign(resources.move(), { url });
}

function only(names: readonly string[], headers: Headers): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  }));
}

/**
 * A way to a real Zipkin on which the faults of spans strike. Everything else passes as it is.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { Hono } from "@hono/hono";
import { proxy } from "@hono/hono/proxy";
import { underBase } from "@playground/shared/configuration";
import { failureReason, fetchWithCredentials, isOfOtherSite } from "@playground/shared/http";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { Faults } from "../faults/registry.ts";
import { ownHostOnly } from "../guards.ts";
import { LOOPBACK, serveHttpOn } from "../listen.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { readSpans } from "./read_spans.ts";
import { InvalidRequestError } from "./span_fields.ts";
import { SpanPath } from "./span_path.ts";

const logger = getLogger(["standins", "zipkin"]);

/** As long as a service waits for its collector. */
const TIMEOUT_MS = 2_000;

interface ZipkinProxyOptions extends Pick<StandInOptions, "faults" | "port"> {
  /** The real one. */
  readonly zipkinUrl: URL;
}

/** Serves the way to a real Zipkin. Disposing it first passes on the spans that are held back. */
export async function startZipkinProxy(
  { zipkinUrl, faults = new Faults(), port = 0 }: ZipkinProxyOptions,
): Promise<StandIn> {
  await using resources = new AsyncDisposableStack();
  const customFetch = fetchWithCredentials(zipkinUrl);
  const post = (spans: readonly ZipkinSpan[], signal: AbortSignal) =>
    customFetch(underBase(zipkinUrl, "api/v2/spans"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(spans),
      signal,
    });
  const path = resources.use(
    new SpanPath(faults, async (spans) => {
      const response = await post(spans, AbortSignal.timeout(TIMEOUT_MS));
      await response.body?.cancel();
      if (!response.ok) throw new Error(`Zipkin answered ${response.status}`);
    }),
  );
  const app = new Hono();
  app.use(ownHostOnly());
  app.post("/api/v2/spans", async (c, next) => {
    if (isOfOtherSite(c.req.raw)) {
      return c.text("Cannot take spans from a page of another web site", 403);
    }
    if (path.isClear) return await next();
    const spans = await readSpans(c.req.raw);
    if (spans === undefined) return c.text("Cannot take that many spans", 413);
    const now = path.take(spans);
    if (now.length === 0) return c.body(null, 202);
    const { status, headers, body } = await post(now, c.req.raw.signal);
    return new Response(body, { status, headers });
  });
  app.all("*", (c) => {
    const { pathname, search } = new URL(c.req.url);
    const target = underBase(zipkinUrl, `${pathname.slice(1)}${search}`);
    return proxy(target, {
      raw: c.req.raw,
      customFetch: (request) => customFetch(request, { headers: request.headers }),
    });
  });
  app.onError((error, c) => {
    if (error instanceof InvalidRequestError) return c.text(error.message, 400);
    logger.debug("Cannot pass on a request to Zipkin: {error}", { error });
    return c.text(`Cannot reach Zipkin: ${failureReason(error)}`, 502);
  });
  const server = resources.use(await serveHttpOn(LOOPBACK, port, app.fetch));
  return Object.assign(resources.move(), { url: `http://${LOOPBACK}:${server.addr.port}` });
}

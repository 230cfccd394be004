import { context, SpanKind } from "@opentelemetry/api";
import type { Context, MiddlewareHandler } from "@hono/hono";
import { portOf, requestUrl } from "@playground/shared/http";
import {
  attribute,
  b3Headers,
  extractContext,
  markFailed,
  setTags,
  type Tags,
  type Tracing,
  withCallerDecision,
} from "@playground/shared/tracing";

/** The connection's data, which `Deno.serve` passes with each request. */
interface ConnectionInfo {
  readonly remoteAddr: { readonly hostname: string };
}

export interface ServerEnvironment {
  Bindings: ConnectionInfo;
  Variables: {
    /** Why the request failed, for its span. */
    failure?: string;
    /** The title of the answered problem, the same for all of a kind. */
    problemTitle?: string;
    /** The domain of the email's recipient, for its span; the rest of the address is private. */
    recipientDomain?: string;
  };
}

/**
 * Puts the `schedule-email` span around a request: from the arrival of its headers, before the body is read, to the answer. The
 * caller's trace is continued, and the answer carries its ids.
 *
 * Only `POST /email` is worth a span, even if it is refused, unless another web site made it: that could fill the list of the
 * recent emails. Other requests get ids as well, so that an error can be named, but are never reported.
 */
export function traceRequests(
  tracing: Tracing,
  isIntruder: (request: Request) => boolean,
): MiddlewareHandler<ServerEnvironment> {
  return async function traceRequest(c, next) {
    const isEmail = c.req.method === "POST" && c.req.path === "/email" && !isIntruder(c.req.raw);
    const caller = extractContext((name) => c.req.header(name));
    const parent = isEmail ? caller : withCallerDecision(caller, "suppressed");
    await tracing.inSpan("schedule-email", {
      kind: SpanKind.SERVER,
      parent,
      attributes: () => requestAttributes(c),
    }, async (span) => {
      const answerHeaders = Object.entries(b3Headers(context.active()) ?? {});
      await next();
      // Not earlier: Hono builds an answer faster without headers.
      for (const [name, value] of answerHeaders) c.res.headers.set(name, value);
      setTags(span, {
        [attribute.httpStatusCode]: c.res.status,
        [attribute.httpResponseStatusCode]: c.res.status,
        [attribute.recipientDomain]: c.get("recipientDomain"),
      });
      // As in Zipkin's own instrumentations, an answer from 400 on is an error, whoever caused it.
      if (c.res.status >= 400) {
        const reason = c.get("failure") ?? `HTTP ${c.res.status}`;
        markFailed(span, { reason, type: String(c.res.status) });
      }
    });
  };
}

/** The tags of `POST /email`: no other request is recorded. */
function requestAttributes(c: Context<ServerEnvironment>): Tags {
  const url = requestUrl(c.req.raw);
  return {
    [attribute.peerAddress]: c.env.remoteAddr.hostname,
    [attribute.httpMethod]: c.req.method,
    [attribute.httpUrl]: `${url.origin}${url.pathname}`,
    [attribute.httpRequestMethod]: c.req.method,
    [attribute.urlPath]: url.pathname,
    [attribute.urlScheme]: url.protocol.slice(0, -1),
    [attribute.serverAddress]: url.hostname,
    [attribute.serverPort]: portOf(url),
    [attribute.synthetic]: c.req.header("x-synthetic") === "true" ? "test" : undefined,
    [attribute.httpRoute]: "/email",
  };
}

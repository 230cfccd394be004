import { SpanKind } from "@opentelemetry/api";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { portOf } from "@playground/shared/http";
import { attribute, type FinishedSpan, type Tags, type Tracing } from "@playground/shared/tracing";
import type { MailOrigin } from "../mail/mod.ts";
import { placeSpan } from "../place_span.ts";
import type { Inbox, InboxReply } from "./inbox.ts";

interface ReportOptions {
  readonly origin?: MailOrigin | undefined;
  /** The flaw of an accepted answer. */
  readonly flaw?: string | undefined;
  /** Whether the span alone is not worth a trace. */
  readonly incidental?: boolean;
}

/**
 * Reports a span for each request: `fetch-inbox`, `fetch-message`, `delete-message`. They are reported when they are over, since
 * only the fetched mail names their trace.
 */
export function tracedInbox(
  inbox: Inbox,
  tracing: Tracing,
  traceThroughSmtp: TraceThroughSmtp,
): Inbox {
  const report = (
    name: string,
    startMicroseconds: number,
    reply: InboxReply<unknown>,
    { origin, flaw, incidental = false }: ReportOptions = {},
  ) => {
    const place = placeSpan(traceThroughSmtp, origin);
    if (place === undefined) return;
    tracing.record(name, {
      ...place,
      kind: SpanKind.CLIENT,
      failure: failureOf(reply, flaw),
      startMicroseconds,
      incidental,
      attributes: { ...requestAttributes(reply), ...place.attributes },
    });
  };

  return {
    async list(olderThan) {
      const start = tracing.nowMicroseconds();
      const reply = await inbox.list(olderThan);
      const page = reply.outcome === "ok" ? reply.value : undefined;
      const flaw = page?.problem;
      const isWell = page !== undefined && flaw === undefined;
      // As in the original, listing an empty inbox leaves no trace.
      if (isWell && page.messages.length === 0) return reply;
      report("fetch-inbox", start, reply, { flaw, incidental: isWell });
      return reply;
    },
    async fetch(message, room) {
      const start = tracing.nowMicroseconds();
      const reply = await inbox.fetch(message, room);
      const fetched = reply.outcome === "ok" ? reply.value : undefined;
      report("fetch-message", start, reply, {
        origin: fetched?.mail.origin,
        flaw: fetched?.doubt?.reason,
      });
      return reply;
    },
    async delete(message, origin) {
      const start = tracing.nowMicroseconds();
      const reply = await inbox.delete(message);
      report("delete-message", start, reply, { origin });
      return reply;
    },
  };
}

function failureOf(reply: InboxReply<unknown>, flaw: string | undefined): FinishedSpan["failure"] {
  switch (reply.outcome) {
    case "failed":
      return { reason: reply.reason, type: String(reply.request.status ?? "no-answer") };
    case "refused":
      return { reason: reply.reason, type: "refused" };
    default:
      return flaw === undefined ? undefined : { reason: flaw, type: "doubtful" };
  }
}

function requestAttributes({ request }: InboxReply<unknown>): Tags {
  const { method, url, status } = request;
  const address = new URL(url);
  const { hostname } = address;
  const port = portOf(address);
  return {
    [attribute.peerService]: "mailtrap",
    [attribute.peerHostname]: hostname,
    [attribute.peerPort]: port,
    [attribute.serverAddress]: hostname,
    [attribute.serverPort]: port,
    [attribute.httpMethod]: method,
    [attribute.httpUrl]: url,
    [attribute.httpRequestMethod]: method,
    [attribute.urlFull]: url,
    [attribute.httpStatus]: status,
    [attribute.httpResponseStatusCode]: status,
  };
}

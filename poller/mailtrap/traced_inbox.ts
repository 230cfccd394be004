import { SpanKind } from "@opentelemetry/api";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { attribute, type FinishedSpan, type Tracing } from "@playground/shared/tracing";
import { type MailOrigin, mailOrigin, splitMail } from "../mail/mod.ts";
import { placeSpan } from "../place_span.ts";
import type { Inbox, InboxMessage, InboxReply } from "./inbox.ts";

/** How the inbox becomes visible. */
export interface TracedInboxOptions {
  /** Reports the spans. */
  readonly tracing: Tracing;
  /** How the trace goes on in the mail. */
  readonly traceThroughSmtp: TraceThroughSmtp;
}

/** The name under which the mail service stands in a trace. */
const MAIL_SERVICE = "mailtrap";

/**
 * Reports a span for each request: `fetch-inbox`, `fetch-message`, `delete-message`. They are reported when they are over, since
 * only the fetched mail tells which email's trace they belong to.
 */
export function tracedInbox(
  inbox: Inbox,
  { tracing, traceThroughSmtp }: TracedInboxOptions,
): Inbox {
  const origins = new WeakMap<InboxMessage, MailOrigin>();

  const report = (
    name: string,
    startMicroseconds: number,
    reply: InboxReply<unknown>,
    origin: MailOrigin | undefined,
    incidental = false,
  ) => {
    const place = placeSpan(traceThroughSmtp, origin);
    if (place === undefined) return;
    tracing.record(name, {
      ...place,
      ...clientSpan(reply),
      startMicroseconds,
      incidental,
      attributes: { ...requestAttributes(reply), ...place.attributes },
    });
  };

  return {
    async list(olderThan) {
      const start = tracing.nowMicroseconds();
      const reply = await inbox.list(olderThan);
      // As in the original, a look into an empty inbox leaves no trace.
      const foundNothing = reply.outcome === "ok" && reply.value.length === 0;
      if (!foundNothing) report("fetch-inbox", start, reply, undefined, reply.outcome === "ok");
      return reply;
    },
    async fetch(message) {
      const start = tracing.nowMicroseconds();
      const reply = await inbox.fetch(message);
      const origin = reply.outcome === "ok"
        ? mailOrigin(splitMail(reply.value).headers)
        : undefined;
      if (origin !== undefined) origins.set(message, origin);
      report("fetch-message", start, reply, origin);
      return reply;
    },
    async delete(message) {
      const start = tracing.nowMicroseconds();
      const reply = await inbox.delete(message);
      report("delete-message", start, reply, origins.get(message));
      return reply;
    },
  };
}

function clientSpan(reply: InboxReply<unknown>): Pick<FinishedSpan, "kind" | "failure"> {
  return {
    kind: SpanKind.CLIENT,
    ...(reply.outcome === "failed"
      ? { failure: { reason: reply.reason, type: String(reply.request.status ?? "no-answer") } }
      : {}),
  };
}

function requestAttributes({ request }: InboxReply<unknown>): Record<string, string | number> {
  const { method, url, status } = request;
  const { hostname, port, protocol } = new URL(url);
  const portNumber = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return {
    [attribute.peerService]: MAIL_SERVICE,
    [attribute.peerHostname]: hostname,
    [attribute.peerPort]: portNumber,
    [attribute.serverAddress]: hostname,
    [attribute.serverPort]: portNumber,
    [attribute.httpMethod]: method,
    [attribute.httpUrl]: url,
    [attribute.httpRequestMethod]: method,
    [attribute.urlFull]: url,
    ...(status === undefined ? {} : {
      [attribute.httpStatus]: status,
      [attribute.httpResponseStatusCode]: status,
    }),
  };
}

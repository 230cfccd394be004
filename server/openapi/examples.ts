import type { ArchivedMail } from "@playground/shared/email";
import { attribute } from "@playground/shared/tracing";
import { compareTraces, describeEmailTrace } from "../trace_view/mod.ts";
import { EXAMPLE_EMAIL_ID, EXAMPLE_TRACE_ID } from "./document.ts";

export const EXAMPLE_SPAN_ID = "a2fb4a1d1a96d312";

const SPANS = [{
  traceId: EXAMPLE_TRACE_ID,
  id: EXAMPLE_SPAN_ID,
  name: "schedule-email",
  kind: "SERVER",
  timestamp: 1_796_040_000_000_000,
  duration: 22_000,
  localEndpoint: { serviceName: "message-server" },
  tags: { [attribute.recipientDomain]: "example.com" },
}] as const;

export const EXAMPLE_TRACE = describeEmailTrace(
  EXAMPLE_TRACE_ID,
  { spans: SPANS },
  `http://127.0.0.1:9411/zipkin/traces/${EXAMPLE_TRACE_ID}`,
);

export const EXAMPLE_COMPARISON = compareTraces(EXAMPLE_TRACE, EXAMPLE_TRACE);

export const EXAMPLE_DOCUMENT_ID = "5e".repeat(32);

export const EXAMPLE_MAIL: ArchivedMail = {
  documentId: EXAMPLE_DOCUMENT_ID,
  messageId: `<${EXAMPLE_EMAIL_ID}@playground.invalid>`,
  from: { address: "me@example.com", name: "Me" },
  to: [{ address: "you@example.com", name: "" }],
  subject: "Something catchy",
  date: "2026-11-30T12:00:00.000Z",
  text: "Whatever you want\n",
  attachments: [],
  headers: [{ name: "Subject", value: "Something catchy" }],
  sizeBytes: 612,
  storedAt: "2026-11-30T12:00:05.000Z",
  deliveries: [{ mailtrapId: 1, receivedAt: "2026-11-30T12:00:01.000Z" }],
};

import type { ArchivedMail } from "@playground/shared/email";
import { attribute } from "@playground/shared/tracing";
import { scheduled } from "../trace_view/email_steps.ts";
import { compareTraces, describeEmailTrace } from "../trace_view/mod.ts";
import { EXAMPLE_EMAIL_ID, EXAMPLE_TRACE_ID } from "./document.ts";

const REQUEST = scheduled({ tags: { [attribute.recipientDomain]: "example.com" } });

export const EXAMPLE_TRACE = describeEmailTrace(
  EXAMPLE_TRACE_ID,
  { spans: [REQUEST] },
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

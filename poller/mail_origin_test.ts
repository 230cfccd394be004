import { deepEqual, equal, ok } from "node:assert/strict";
import { trace } from "@opentelemetry/api";
import { splitMail } from "./mail/mail_headers.ts";
import { type MailOrigin, mailOrigin, placeSpan, traceReference } from "./mail_origin.ts";
import { mailOf, type MailOptions, ORIGIN } from "./testing/mails.ts";

function headersOf(options: MailOptions) {
  return splitMail(mailOf(options)).headers;
}

/** The origin of a mail that has one. */
function originOf(options: MailOptions): MailOrigin {
  const origin = mailOrigin(headersOf(options));
  ok(origin !== undefined);
  return origin;
}

Deno.test("mailOrigin() reads the emailer's span from a mail's headers", () => {
  const { spanContext, context, sentAtMicroseconds } = originOf({
    sampled: "1",
    headers: ["X-Sent-At-Us: 1795523696123456"],
  });
  deepEqual([spanContext.traceId, spanContext.spanId], [ORIGIN.traceId, ORIGIN.spanId]);
  equal(spanContext.traceFlags, 1);
  equal(trace.getSpanContext(context), spanContext);
  equal(sentAtMicroseconds, 1_795_523_696_123_456);
});

Deno.test("mailOrigin() finds none in a mail that carries none", () => {
  equal(mailOrigin(headersOf({})), undefined);
});

for (const ids of [["X-B3-TraceId: x", "X-B3-SpanId: y"], [`X-B3-TraceId: ${ORIGIN.traceId}`]]) {
  Deno.test(`mailOrigin() finds none in a mail with ${ids.join(", ")}`, () => {
    equal(mailOrigin(headersOf({ headers: ids })), undefined);
  });
}

for (const sentAt of ["soon", "0", "-5", "1e300", "1.5", ""]) {
  Deno.test(`mailOrigin() does not know when a mail was sent that says ${JSON.stringify(sentAt)}`, () => {
    const { sentAtMicroseconds } = originOf({ sampled: "1", headers: [`X-Sent-At-Us: ${sentAt}`] });
    equal(sentAtMicroseconds, undefined);
  });
}

Deno.test("traceReference() gives the archive the ids, sampled or not", () => {
  deepEqual(traceReference(headersOf({ sampled: "1" })), ORIGIN);
  deepEqual(traceReference(headersOf({ sampled: "0" })), ORIGIN);
  equal(traceReference(headersOf({})), null);
});

const ATTRIBUTES = { "origin.trace_id": ORIGIN.traceId, "origin.span_id": ORIGIN.spanId };

Deno.test("placeSpan() links the span in mode link", () => {
  const origin = originOf({ sampled: "1" });
  deepEqual(placeSpan("link", origin), {
    links: [{ context: origin.spanContext }],
    attributes: ATTRIBUTES,
  });
});

Deno.test("placeSpan() puts the span below its origin in mode join", () => {
  const origin = originOf({ sampled: "1" });
  deepEqual(placeSpan("join", origin), { parent: origin.context, attributes: ATTRIBUTES });
});

Deno.test("placeSpan() leaves the span in the poll's trace in mode off", () => {
  deepEqual(placeSpan("off", originOf({ sampled: "1" })), { attributes: {} });
  deepEqual(placeSpan("off", originOf({ sampled: "0" })), { attributes: {} });
});

for (const mode of ["link", "join", "off"] as const) {
  Deno.test(`placeSpan() leaves the span of a mail without origin in the poll's trace in mode ${mode}`, () => {
    deepEqual(placeSpan(mode, undefined), { attributes: {} });
  });
}

for (const mode of ["link", "join"] as const) {
  Deno.test(`placeSpan() shows nothing of an email that is not sampled in mode ${mode}`, () => {
    equal(placeSpan(mode, originOf({ sampled: "0" })), undefined);
  });
}

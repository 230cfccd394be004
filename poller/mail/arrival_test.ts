import { deepEqual, equal, ok } from "node:assert/strict";
import { trace } from "@opentelemetry/api";
import { mailOf, type MailOptions, ORIGIN } from "../testing/mails.ts";
import { receiveMail } from "./arrival.ts";

function originOf(options: MailOptions) {
  return receiveMail(mailOf(options)).origin;
}

Deno.test("receiveMail() reads the emailer's span from a mail's headers", () => {
  const origin = originOf({ sampled: "1", headers: ["X-Sent-At-Us: 1795523696123456"] });
  ok(origin !== undefined);
  const { spanContext, context, sentAtMicroseconds } = origin;
  deepEqual([spanContext.traceId, spanContext.spanId], [ORIGIN.traceId, ORIGIN.spanId]);
  equal(spanContext.traceFlags, 1);
  equal(trace.getSpanContext(context), spanContext);
  equal(sentAtMicroseconds, 1_795_523_696_123_456);
});

Deno.test.each([
  [[]],
  [["X-B3-TraceId: x", "X-B3-SpanId: y"]],
  [[`X-B3-TraceId: ${ORIGIN.traceId}`]],
])("receiveMail() finds no span in a mail with %j", (headers) => {
  equal(originOf({ headers }), undefined);
});

Deno.test.each(["soon", "0", "-5", "1e300", "1.5", ""])(
  "receiveMail() does not know when a mail was sent that says %j",
  (sentAt) => {
    const origin = originOf({ sampled: "1", headers: [`X-Sent-At-Us: ${sentAt}`] });
    ok(origin !== undefined);
    equal(origin.sentAtMicroseconds, undefined);
  },
);

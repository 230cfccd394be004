import { deepEqual, equal, ok } from "node:assert/strict";
import { type MailOrigin, receiveMail } from "./mail/mod.ts";
import { placeSpan } from "./place_span.ts";
import { mailOf, ORIGIN } from "./testing/mails.ts";

/** The origin of a mail that has one. */
function originOf(sampled: "0" | "1"): MailOrigin {
  const { origin } = receiveMail(mailOf({ sampled }));
  ok(origin !== undefined);
  return origin;
}

const ATTRIBUTES = { "origin.trace_id": ORIGIN.traceId, "origin.span_id": ORIGIN.spanId };

Deno.test("placeSpan() links the span in mode link", () => {
  const origin = originOf("1");
  deepEqual(placeSpan("link", origin), {
    links: [{ context: origin.spanContext }],
    attributes: ATTRIBUTES,
  });
});

Deno.test("placeSpan() puts the span below its origin in mode join", () => {
  const origin = originOf("1");
  deepEqual(placeSpan("join", origin), { parent: origin.context, attributes: ATTRIBUTES });
});

Deno.test("placeSpan() leaves the span in the poll's trace in mode off", () => {
  deepEqual(placeSpan("off", originOf("1")), { attributes: {} });
  deepEqual(placeSpan("off", originOf("0")), { attributes: {} });
});

for (const mode of ["link", "join", "off"] as const) {
  Deno.test(`placeSpan() leaves the span of a mail without origin in the poll's trace in mode ${mode}`, () => {
    deepEqual(placeSpan(mode, undefined), { attributes: {} });
  });
}

for (const mode of ["link", "join"] as const) {
  Deno.test(`placeSpan() shows nothing of an email that is not sampled in mode ${mode}`, () => {
    equal(placeSpan(mode, originOf("0")), undefined);
  });
}

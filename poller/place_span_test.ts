import { equal } from "node:assert/strict";
import { receiveMail } from "./mail/mod.ts";
import { placeSpan } from "./place_span.ts";
import { mailOf, ORIGIN } from "./testing/mails.ts";

Deno.test.each([
  ["X-B3-Sampled: 1", true],
  ["X-B3-Flags: 1", true],
  // The decision is left to us.
  ["X-Other: 1", true],
  ["X-B3-Sampled: 0", false],
])(
  "placeSpan() has a place for the spans of a mail with trace ids and %s: %s",
  (header, isPlaced) => {
    const ids = [`X-B3-TraceId: ${ORIGIN.traceId}`, `X-B3-SpanId: ${ORIGIN.spanId}`];
    const { origin } = receiveMail(mailOf({ headers: [...ids, header] }));
    for (const mode of ["link", "join"] as const) {
      equal(placeSpan(mode, origin) !== undefined, isPlaced);
    }
  },
);

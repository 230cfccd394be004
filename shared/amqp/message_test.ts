import { deepEqual, equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { trace, TraceFlags } from "@opentelemetry/api";
import { deliveredMessage } from "@playground/shared/testing";
import { MAX_FOREIGN_TEXT_LENGTH } from "../text/mod.ts";
import { extractContext } from "../tracing/propagation.ts";
import { messageHeaders, messageOptions } from "./message.ts";

Deno.test("messageOptions() are those of a persistent, mandatory JSON message", () => {
  const headers = { "x-attempt": 1 };
  const options = messageOptions({
    emailId: "6a2f8724-5a44-8959-b72c-715dc302434f",
    acceptedAtSeconds: 1_700_000_000,
    appId: "message-server/0.1.0",
    headers,
  });

  deepEqual(options, {
    persistent: true,
    mandatory: true,
    contentType: "application/json",
    appId: "message-server/0.1.0",
    messageId: "6a2f8724-5a44-8959-b72c-715dc302434f",
    timestamp: 1_700_000_000,
    headers: { "x-attempt": 1 },
  });
  equal(options.headers === headers, false);
});

Deno.test("messageHeaders() reads a header whatever its case", () => {
  const read = messageHeaders(
    deliveredMessage({ headers: { "X-B3-TraceId": "463ac35c9f6413ad48485a3978bb5ecc" } }),
  );
  equal(read("x-b3-traceid"), "463ac35c9f6413ad48485a3978bb5ecc");
});

Deno.test("messageHeaders() reads a number as text", () => {
  equal(messageHeaders(deliveredMessage({ headers: { "x-attempt": 3 } }))("x-attempt"), "3");
});

Deno.test("messageHeaders() finds nothing where there is no such header", () => {
  equal(messageHeaders(deliveredMessage({ headers: {} }))("x-attempt"), undefined);
  equal(messageHeaders(deliveredMessage())("x-attempt"), undefined);
  equal(messageHeaders(deliveredMessage({ headers: {} }))("constructor"), undefined);
});

for (
  const [value, text] of [
    [true, "1"],
    [false, "0"],
    [0, "0"],
    [1_700_000_000_123_456, "1700000000123456"],
    [Buffer.from("463ac35c9f6413ad"), "463ac35c9f6413ad"],
  ] as const
) {
  Deno.test(`messageHeaders() reads ${JSON.stringify(value)} as ${text}`, () => {
    equal(messageHeaders(deliveredMessage({ headers: { "x-b3": value } }))("x-b3"), text);
  });
}

for (const sampled of [true, 1, "true", "1", Buffer.from("1")]) {
  for (const traceId of ["463ac35c9f6413ad48485a3978bb5ecc", "463AC35C9F6413AD48485A3978BB5ECC"]) {
    Deno.test(`messageHeaders() make a context of ${traceId} with ${JSON.stringify(sampled)}`, () => {
      const headers = {
        "X-B3-TraceId": Buffer.from(traceId),
        "X-B3-SpanId": "a2fb4a1d1a96d312",
        "X-B3-Sampled": sampled,
      };
      deepEqual(
        trace.getSpanContext(extractContext(messageHeaders(deliveredMessage({ headers })))),
        {
          traceId: "463ac35c9f6413ad48485a3978bb5ecc",
          spanId: "a2fb4a1d1a96d312",
          traceFlags: TraceFlags.SAMPLED,
          isRemote: true,
        },
      );
    });
  }
}

for (const value of [null, ["1"], { nested: "1" }, undefined]) {
  Deno.test(`messageHeaders() takes ${JSON.stringify(value)} as if it were not there`, () => {
    equal(
      messageHeaders(deliveredMessage({ headers: { "x-attempt": value } }))("x-attempt"),
      undefined,
    );
  });
}

Deno.test("messageHeaders() cuts what is long", () => {
  const headers = { "x-attempt": "1".repeat(60_000) };
  equal(
    messageHeaders(deliveredMessage({ headers }))("x-attempt")?.length,
    MAX_FOREIGN_TEXT_LENGTH,
  );
});

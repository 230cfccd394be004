import { deepEqual, equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { deliveredMessage } from "@playground/shared/testing";
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

for (const value of [null, true, ["1"], { nested: "1" }, Buffer.from("1"), undefined]) {
  Deno.test(`messageHeaders() takes ${JSON.stringify(value)} as if it were not there`, () => {
    equal(
      messageHeaders(deliveredMessage({ headers: { "x-attempt": value } }))("x-attempt"),
      undefined,
    );
  });
}

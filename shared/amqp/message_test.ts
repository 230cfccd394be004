import { deepEqual, equal } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Message } from "amqplib";
import { messageHeaders, messageOptions } from "./message.ts";

/** A delivery with these headers. */
function delivery(headers: Record<string, unknown> | undefined): Message {
  return {
    content: Buffer.alloc(0),
    fields: { deliveryTag: 1, redelivered: false, exchange: "rpc", routingKey: "send.email" },
    properties: {
      contentType: undefined,
      contentEncoding: undefined,
      headers,
      deliveryMode: undefined,
      priority: undefined,
      correlationId: undefined,
      replyTo: undefined,
      expiration: undefined,
      messageId: undefined,
      timestamp: undefined,
      type: undefined,
      userId: undefined,
      appId: undefined,
      clusterId: undefined,
    },
  };
}

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
  const read = messageHeaders(delivery({ "X-B3-TraceId": "463ac35c9f6413ad48485a3978bb5ecc" }));
  equal(read("x-b3-traceid"), "463ac35c9f6413ad48485a3978bb5ecc");
});

Deno.test("messageHeaders() reads a number as text", () => {
  equal(messageHeaders(delivery({ "x-attempt": 3 }))("x-attempt"), "3");
});

Deno.test("messageHeaders() finds nothing where there is no such header", () => {
  equal(messageHeaders(delivery({}))("x-attempt"), undefined);
  equal(messageHeaders(delivery(undefined))("x-attempt"), undefined);
  equal(messageHeaders(delivery({}))("constructor"), undefined);
});

for (const value of [null, true, ["1"], { nested: "1" }, Buffer.from("1"), undefined]) {
  Deno.test(`messageHeaders() takes ${JSON.stringify(value)} as if it were not there`, () => {
    equal(messageHeaders(delivery({ "x-attempt": value }))("x-attempt"), undefined);
  });
}

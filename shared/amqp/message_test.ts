import { equal, match, notEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { deliveredMessage } from "@playground/shared/testing";
import { MAX_FOREIGN_TEXT_LENGTH } from "../text/mod.ts";
import { destinationName, emailIdOf, messageHeaders } from "./message.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";

Deno.test.each([
  ["a text", TRACE_ID, TRACE_ID],
  ["true", true, "1"],
  ["false", false, "0"],
  ["0", 0, "0"],
  ["a number", 1_700_000_000_123_456, "1700000000123456"],
  ["bytes", Buffer.from(TRACE_ID), TRACE_ID],
  ["null", null, undefined],
  ["a list", ["1"], undefined],
  ["a table", { nested: "1" }, undefined],
  ["undefined", undefined, undefined],
  ["a long text", "1".repeat(60_000), `${"1".repeat(MAX_FOREIGN_TEXT_LENGTH - 1)}…`],
])("messageHeaders() reads %s, whatever the case of the header", (_what, value, text) => {
  equal(messageHeaders(deliveredMessage({ headers: { "X-Attempt": value } }))("x-attempt"), text);
});

Deno.test("messageHeaders() finds nothing where there is no such header", () => {
  equal(messageHeaders(deliveredMessage({ headers: {} }))("x-attempt"), undefined);
  equal(messageHeaders(deliveredMessage())("x-attempt"), undefined);
  equal(messageHeaders(deliveredMessage({ headers: {} }))("constructor"), undefined);
});

Deno.test("emailIdOf() takes the message's id in lower case, else derives one from the content", async () => {
  const idOf = (content: string, messageId?: string) =>
    emailIdOf(deliveredMessage({ content, properties: { messageId } }));
  const given = "11111111-2222-4333-8444-5555555555ff";
  equal(await idOf("{}", given.toUpperCase()), given);
  const id = await idOf("no email");
  match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  equal(await idOf("no email", "7"), id);
  notEqual(await idOf("another"), id);
});

Deno.test.each([
  [{ exchange: "rpc", routingKey: "send.email" }, "rpc:send.email"],
  [{ exchange: "", routingKey: "send-email.retry.1s" }, "send-email.retry.1s"],
  [{ exchange: "rpc", routingKey: "send.email", queue: "send-email" }, "rpc:send.email:send-email"],
  [{ exchange: "", routingKey: "send-email", queue: "send-email" }, "send-email"],
  [{ exchange: "logs", routingKey: "" }, "logs"],
  [{ exchange: "", routingKey: "" }, "amq.default"],
])("destinationName() names %j %s", (destination, expected) => {
  equal(destinationName(destination), expected);
});

import { equal, throws } from "node:assert/strict";
import { normalizeParentId, normalizeSpanId, normalizeTraceId } from "./identifier.ts";
import { InvalidRequestError } from "./invalid_request_error.ts";

Deno.test("normalizeTraceId() pads to 16 or 32 digits and drops an upper half of zeros", () => {
  equal(normalizeTraceId("abc"), "0000000000000abc");
  equal(normalizeTraceId("0123456789abcdef"), "0123456789abcdef");
  equal(normalizeTraceId("1" + "0".repeat(16)), "0".repeat(15) + "1" + "0".repeat(16));
  equal(normalizeTraceId("0".repeat(16) + "0123456789abcdef"), "0123456789abcdef");
  equal(normalizeTraceId("a".repeat(32)), "a".repeat(32));
});

Deno.test("normalizeTraceId() refuses what is no lower-case hexadecimal id, in Zipkin's words", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["", "traceId is empty"],
    ["a".repeat(33), "traceId.length > 32"],
    ["000", "traceId is all zeros"],
    ["ABC", "ABC should be lower-hex encoded with no prefix"],
    ["0x1", "0x1 should be lower-hex encoded with no prefix"],
  ];
  for (const [id, message] of refused) {
    throws(() => normalizeTraceId(id), new InvalidRequestError(message));
  }
});

Deno.test("normalizeSpanId() pads to 16 digits and refuses zeros and longer ids", () => {
  equal(normalizeSpanId("1"), "0000000000000001");
  throws(() => normalizeSpanId("0".repeat(16)), new InvalidRequestError("id is all zeros"));
  throws(() => normalizeSpanId("1".repeat(17)), new InvalidRequestError("id.length > 16"));
});

Deno.test("normalizeParentId() takes zeros for a root", () => {
  equal(normalizeParentId("0".repeat(16)), undefined);
  equal(normalizeParentId("2"), "0000000000000002");
});

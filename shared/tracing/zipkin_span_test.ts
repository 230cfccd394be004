import { equal } from "node:assert/strict";
import { zipkinSpan } from "./zipkin_span.ts";

Deno.test("zipkinSpan gives a trace id of 64 bits the leading zeros that Zipkin drops", () => {
  const { traceId } = zipkinSpan.parse({ traceId: "a2fb4a1d1a96d312", id: "0020000000000001" });
  equal(traceId, "0000000000000000a2fb4a1d1a96d312");
});

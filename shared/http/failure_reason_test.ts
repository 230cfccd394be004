import { equal } from "node:assert/strict";
import { failureReason } from "./failure_reason.ts";

Deno.test("failureReason() is the innermost cause", () => {
  const refused = new Error("connection refused");
  const sending = new Error("error sending request", { cause: refused });
  equal(failureReason(new TypeError("fetch failed", { cause: sending })), "connection refused");
  equal(failureReason(refused), "connection refused");
});

Deno.test("failureReason() takes anything that was thrown", () => {
  equal(failureReason("no"), "no");
  equal(failureReason(new Error("outer", { cause: "text" })), "outer");
});

Deno.test("failureReason() tells of all addresses that were tried", () => {
  const tried = new AggregateError([
    new Error("connect ECONNREFUSED ::1:9411"),
    new Error("connect ECONNREFUSED 127.0.0.1:9411"),
  ]);
  equal(
    failureReason(new TypeError("fetch failed", { cause: tried })),
    "connect ECONNREFUSED ::1:9411; connect ECONNREFUSED 127.0.0.1:9411",
  );
});

Deno.test("failureReason() always says something, and comes to an end", () => {
  equal(failureReason(new RangeError("")), "RangeError");
  const ring = new Error("ring");
  ring.cause = ring;
  equal(failureReason(ring), "ring");
});

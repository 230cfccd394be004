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

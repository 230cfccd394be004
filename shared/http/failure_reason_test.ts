import { deepEqual, equal, ok } from "node:assert/strict";
import { failureReason, isNotPermitted } from "./failure_reason.ts";

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

const NOT_PERMITTED = [
  Object.assign(new Error("getaddrinfo EPERM smtp.example.com"), { code: "EPERM" }),
  new Deno.errors.NotCapable('Requires net access to "192.0.2.1:25"'),
];
for (const error of NOT_PERMITTED) {
  Deno.test(`failureReason() tells an address that is not allowed from an outage: ${error.message}`, () => {
    ok(isNotPermitted(error));
    equal(
      failureReason(new TypeError("fetch failed", { cause: error })),
      `not among the addresses this binary was compiled for: ${error.message}`,
    );
  });
}

Deno.test("isNotPermitted() is about addresses, and about Deno", () => {
  const others = [
    Object.assign(new Error("getaddrinfo ENOTFOUND mail"), { code: "ENOTFOUND" }),
    new Deno.errors.NotCapable('Requires read access to "/ca.pem"'),
    "EPERM",
    undefined,
  ];
  deepEqual(others.filter(isNotPermitted), []);
});

import { deepEqual, equal, ok } from "node:assert/strict";
import { failureReason, isNotPermitted, retryAfterMs } from "./failure.ts";

const refused = new Error("connection refused");
const ring = new Error("ring");
ring.cause = ring;
const tried = new AggregateError([
  new Error("connect ECONNREFUSED ::1:9411"),
  new Error("connect ECONNREFUSED 127.0.0.1:9411"),
]);
const reasons: readonly (readonly [what: string, error: unknown, reason: string])[] = [
  ["an error itself", refused, "connection refused"],
  [
    "an error that disposing repeated",
    new SuppressedError(new Error("channel closed"), refused),
    "connection refused",
  ],
  [
    "the innermost cause",
    new TypeError("fetch failed", { cause: new Error("error sending", { cause: refused }) }),
    "connection refused",
  ],
  ["what is no error", "no", "no"],
  ["an error with a cause that is none", new Error("outer", { cause: "text" }), "outer"],
  [
    "all addresses that were tried",
    new TypeError("fetch failed", { cause: tried }),
    "connect ECONNREFUSED ::1:9411; connect ECONNREFUSED 127.0.0.1:9411",
  ],
  [
    "a connection that breaks",
    new Error(
      "error sending request from 127.0.0.1:47750 for http://127.0.0.1:9411/api/v2/traces?endTs=1 (127.0.0.1:9411): client error (SendRequest): connection closed",
    ),
    "http://127.0.0.1:9411: client error (SendRequest): connection closed",
  ],
  [
    "a connection that is refused",
    new Error(
      "error sending request for url (http://127.0.0.1:9411/api/v2/traces?endTs=1): client error (Connect): refused",
    ),
    "http://127.0.0.1:9411: client error (Connect): refused",
  ],
  ["an error without a message", new RangeError(""), "RangeError"],
  ["a ring of causes", ring, "ring"],
];
for (const [what, error, reason] of reasons) {
  Deno.test(`failureReason() says why for ${what}`, () => equal(failureReason(error), reason));
}

const NOT_PERMITTED = [
  Object.assign(new Error("getaddrinfo EPERM smtp.example.com"), { code: "EPERM" }),
  new Deno.errors.NotCapable('Requires net access to "192.0.2.1:25"'),
];
for (const error of NOT_PERMITTED) {
  Deno.test(`failureReason() distinguishes an address that is not allowed from an outage: ${error.message}`, () => {
    ok(isNotPermitted(error));
    equal(
      failureReason(new TypeError("fetch failed", { cause: error })),
      `not among the addresses this binary was compiled for: ${error.message}`,
    );
  });
}

Deno.test("failureReason() repeats nothing of an answer that is not JSON", async () => {
  const error = await new Response('{"body":"private').json().catch((error: unknown) => error);
  equal(failureReason(error), "the answer is not valid JSON");
});

Deno.test("isNotPermitted() is about addresses, and about Deno", () => {
  const others = [
    Object.assign(new Error("getaddrinfo ENOTFOUND mail"), { code: "ENOTFOUND" }),
    new Deno.errors.NotCapable('Requires read access to "/ca.pem"'),
    "EPERM",
    undefined,
  ];
  deepEqual(others.filter(isNotPermitted), []);
});

for (
  const [value, waitMs] of [
    ["0", 0],
    ["120", 120_000],
    ["Sun, 29 Nov 2026 12:00:30 GMT", 30_000],
    ["Sun, 29 Nov 2026 11:59:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const
) {
  Deno.test(`retryAfterMs() is ${waitMs} for ${value === undefined ? "no header" : `"${value}"`}`, () => {
    const headers = new Headers(value === undefined ? {} : { "retry-after": value });
    equal(retryAfterMs({ headers }, Date.UTC(2026, 10, 29, 12)), waitMs);
  });
}

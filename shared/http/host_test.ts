import { equal } from "node:assert/strict";
import { hasValidHost } from "./host.ts";

/** As `Deno.serve` makes it; no `Request` can have such a URL. */
function requestTo(host: string | undefined, url = `http://${host ?? "localhost:8080"}/healthz`) {
  return { url, headers: new Headers(host === undefined ? {} : { host }) };
}

const VALID = [
  "localhost",
  "localhost:8080",
  "LOCALHOST:80",
  "127.0.0.1:8080",
  "[::1]:8080",
  "[::1]",
  "message-server:",
  "example.com.",
  "xn--bcher-kva.example",
  "a_b",
];

for (const host of VALID) {
  Deno.test(`hasValidHost() takes ${host}`, () => equal(hasValidHost(requestTo(host)), true));
}

const INVALID = [
  "",
  "a b",
  "a\tb",
  "h:99999",
  "h:8a",
  "h:-1",
  "h:1:2",
  ":80",
  "[::1]x",
  "[::1",
  "::1",
  "[g::1]",
  "256.1.1.1",
  "a%20b",
  "h/path",
  "h?query",
  "h#fragment",
  "user@h",
  "h\\path",
  "a<b",
];

for (const host of INVALID) {
  Deno.test(`hasValidHost() refuses ${JSON.stringify(host)}`, () =>
    equal(hasValidHost(requestTo(host)), false));
}

Deno.test("hasValidHost() refuses a request without Host", () => {
  equal(hasValidHost(requestTo(undefined)), false);
});

Deno.test("hasValidHost() takes what HTTP/2 says in its place", () => {
  equal(hasValidHost(requestTo(undefined, "http://127.0.0.1:8080/healthz")), true);
});

Deno.test("hasValidHost() refuses a bad Host beside a whole URL in the request line", () => {
  equal(hasValidHost(requestTo("a b", "http://127.0.0.1:8080/healthz")), false);
});

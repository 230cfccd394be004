import { equal } from "node:assert/strict";
import {
  calledHost,
  callsLoopback,
  hasBearerToken,
  hasValidHost,
  isLoopback,
  isOfOtherSite,
} from "./access.ts";

const TOKEN = "s3cret-t0ken";
Deno.test.each([
  [true, `Bearer ${TOKEN}`],
  [true, `bearer ${TOKEN}`],
  [true, `Bearer  ${TOKEN} `],
  [false, undefined],
  [false, ""],
  [false, "Bearer"],
  [false, TOKEN],
  [false, `Basic ${TOKEN}`],
  [false, `Bearer ${TOKEN}x`],
  [false, `Bearer ${TOKEN.slice(0, -1)}`],
  [false, `Bearer ${TOKEN} ${TOKEN}`],
  [false, `Bearer ${TOKEN.toUpperCase()}`],
])("hasBearerToken() is %s for the header %s", (expected, authorization) => {
  const given = new Headers(authorization === undefined ? {} : { authorization });
  equal(hasBearerToken(given, TOKEN), expected);
});

const validHosts = "localhost localhost:8080 LOCALHOST:80 127.0.0.1:8080 [::1]:8080 [::1] " +
  "message-server: example.com. xn--bcher-kva.example a_b";
const invalidHosts = "h:99999 h:8a h:-1 h:1:2 :80 [::1]x [::1 ::1 [g::1] 256.1.1.1 a%20b h/path " +
  "h?query h#fragment user@h h\\path a<b";
const requests: readonly (readonly [host: string | undefined, isValid: boolean, url?: string])[] = [
  ...validHosts.split(" ").map((host) => [host, true] as const),
  ...["", "a b", "a\tb", ...invalidHosts.split(" ")].map((host) => [host, false] as const),
  [undefined, false],
  // What HTTP/2 says in its place.
  [undefined, true, "http://127.0.0.1:8080/healthz"],
  // A whole URL in the request line.
  ["a b", false, "http://127.0.0.1:8080/healthz"],
];
for (const [host, isValid, url = `http://${host ?? "localhost:8080"}/healthz`] of requests) {
  Deno.test(`hasValidHost() is ${isValid} for the Host ${JSON.stringify(host)} of ${url}`, () => {
    // As `Deno.serve` makes it; no `Request` can have this URL.
    const headers = new Headers(host === undefined ? {} : { host });
    equal(hasValidHost({ url, headers }), isValid);
  });
}

Deno.test.each([
  [true, "127.0.0.1"],
  [true, "localhost"],
  [true, "[::1]"],
  [false, "evil.example"],
  [false, "127.0.0.1.evil.example"],
  [false, "localhost.evil.example"],
  [false, "10.0.0.1"],
  [false, "0.0.0.0"],
  [false, "[::2]"],
  [false, "[::]"],
])("isLoopback() and callsLoopback() are %s for %s", (expected, host) => {
  equal(isLoopback(host), expected);
  equal(isLoopback(host.replaceAll(/[[\]]/g, "")), expected);
  for (const url of [`http://${host}/`, `http://${host}:8080/127.0.0.1?host=localhost`]) {
    equal(callsLoopback(new Request(url)), expected, url);
  }
});

Deno.test("calledHost() is the name or address alone, in lower case", () => {
  equal(calledHost({ url: "http://Mailtrap:80/api" }), "mailtrap");
  equal(calledHost({ url: "http://[::1]:80/" }), "::1");
  equal(callsLoopback({ url: "http://LOCALHOST/" }), true);
});

Deno.test.each([
  [false, {}],
  [false, { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:9411" }],
  [false, { "sec-fetch-site": "none" }],
  [true, { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:8080" }],
  [true, { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  [false, { origin: "http://127.0.0.1:9411" }],
  [true, { origin: "http://127.0.0.1:8080" }],
  [true, { origin: "https://evil.example" }],
  [true, { origin: "null" }],
])("isOfOtherSite() is %s with %j", (isOther, headers) => {
  const request = new Request("http://127.0.0.1:9411/api/v2/spans", { headers });
  equal(isOfOtherSite(request), isOther);
});

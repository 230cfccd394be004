import { deepEqual, equal, match } from "node:assert/strict";
import { HTTPException } from "@hono/hono/http-exception";
import { DOCUMENT, problemOf, readerOf, startTestApp } from "./testing/test_app.ts";

const API_TOKEN = "s3cret-t0ken";
const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";

for (const path of ["/nothing", "/email/", "/EMAIL", "/api/nothing", "/%zz", "/..%2fetc"]) {
  Deno.test(`createApp() answers 404 at ${path}`, async () => {
    await using app = startTestApp();
    const { detail } = await problemOf(await app.request(path), 404);
    match(detail, /\/openapi\.json/);
  });
}

const paths = [
  ["/email", "POST", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]],
  [`/api/traces/${TRACE_ID}`, "GET", ["POST", "PUT", "DELETE", "OPTIONS"]],
  ["/api/emails", "GET", ["POST", "DELETE"]],
  ["/api/events", "GET", ["POST", "DELETE"]],
  ["/api/mails/1", "GET", ["POST", "PUT", "DELETE"]],
  ["/openapi.json", "GET", ["POST", "DELETE"]],
] as const;
for (const [path, allowed, methods] of paths) {
  for (const method of methods) {
    Deno.test(`createApp() answers 405 to ${method} ${path}`, async () => {
      await using app = startTestApp();
      const response = await app.request(path, { method });

      equal(response.headers.get("allow"), allowed);
      await problemOf(response, 405);
    });
  }
}

Deno.test("createApp() answers HEAD /email with 405 and no body", async () => {
  await using app = startTestApp();
  const response = await app.request("/email", { method: "HEAD" });

  equal(response.status, 405);
  equal(response.headers.get("allow"), "POST");
  equal(await response.text(), "");
});

const refused = [
  ["no header", undefined],
  ["an empty header", ""],
  ["another token", "Bearer other-token"],
  ["a prefix of the token", `Bearer ${API_TOKEN.slice(0, -1)}`],
  ["no token", "Bearer"],
  ["another scheme", "Basic czNjcmV0LXQwa2Vu"],
  ["the token alone", API_TOKEN],
  ["a malformed token", "Bearer tö ken"],
] as const;
for (const [name, authorization] of refused) {
  Deno.test(`createApp() answers 401 to ${name}`, async () => {
    await using app = startTestApp({ apiToken: API_TOKEN });
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const posted = await app.post(DOCUMENT, headers);

    match(posted.headers.get("www-authenticate") ?? "", /^Bearer realm="message-server"$/);
    equal(JSON.stringify(await problemOf(posted, 401)).includes(API_TOKEN), false);
    await problemOf(await app.request(`/api/traces/${TRACE_ID}`, { headers }), 401);
    await problemOf(await app.request("/metrics", { headers }), 401);
    deepEqual(app.published, []);
  });
}

Deno.test("createApp() lets a caller with the token in", async () => {
  await using app = startTestApp({
    apiToken: API_TOKEN,
    emails: readerOf({ status: "found", spans: [], omittedSpanCount: 0 }),
  });
  const headers = { authorization: `Bearer ${API_TOKEN}` };

  equal((await app.post(DOCUMENT, headers)).status, 202);
  equal((await app.request(`/api/traces/${TRACE_ID}`, { headers })).status, 200);
});

Deno.test("createApp() asks nobody for a token at /healthz, /readyz and /openapi.json", async () => {
  await using app = startTestApp({ apiToken: API_TOKEN });
  for (const path of ["/healthz", "/readyz", "/openapi.json"]) {
    equal((await app.request(path)).status, 200, path);
  }
});

Deno.test("createApp() refuses a caller without the token before it reads the request", async () => {
  await using app = startTestApp({ apiToken: API_TOKEN });
  await problemOf(await app.postBody("not JSON"), 401);
});

Deno.test("createApp() answers /healthz and /readyz", async () => {
  const notReady = { ready: false, reason: "RabbitMQ is not connected yet" } as const;
  await using app = startTestApp({ readiness: notReady });

  deepEqual(await (await app.request("/healthz")).json(), { alive: true });
  const response = await app.request("/readyz");
  equal(response.status, 503);
  deepEqual(await response.json(), { ...notReady, lostSpanCount: 0 });
  deepEqual(app.spans.spans, []);
});

Deno.test("createApp() tells a caller's mistake from a bug, and neither from a missing token", async () => {
  await using app = startTestApp();
  app.app.get("/mistake", () => {
    throw new HTTPException(400, { message: "the cookie is malformed" });
  });
  app.app.get("/bug", () => {
    throw new TypeError("a secret");
  });
  match((await problemOf(await app.request("/mistake"), 400)).detail, /the cookie is malformed/);
  equal(JSON.stringify(await problemOf(await app.request("/bug"), 500)).includes("secret"), false);
});

for (const path of ["/healthz", "/readyz"]) {
  Deno.test(`createApp() answers 405 to POST ${path}`, async () => {
    await using app = startTestApp();
    const response = await app.request(path, { method: "POST" });
    equal(response.status, 405);
    equal(response.headers.get("allow"), "GET, HEAD");
  });
}

for (const host of ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"]) {
  Deno.test(`createApp() lets a local caller read at ${host}`, async () => {
    await using app = startTestApp({ isLocal: true, emails: readerOf({ status: "unknown" }) });
    const remoteAddr = { hostname: "127.0.0.1" };
    const response = await app.app.request(`http://${host}/api/emails`, {}, { remoteAddr });
    equal(response.status, 200);
  });
}

Deno.test("createApp() lets no web site in that makes its name point to this machine", async () => {
  await using app = startTestApp({ isLocal: true, emails: readerOf({ status: "unknown" }) });
  const remoteAddr = { hostname: "127.0.0.1" };
  for (const path of ["/email", "/api/emails", "/api/events", "/api/faults", "/api/nothing"]) {
    const response = await app.app.request(`http://evil.example${path}`, {}, { remoteAddr });
    match((await problemOf(response, 403)).detail, /API_TOKEN/);
  }
  const email = { method: "POST", body: JSON.stringify(DOCUMENT) };
  const fromItself = { origin: "http://evil.example", "sec-fetch-site": "same-origin" };
  for (const init of [email, { ...email, headers: fromItself }]) {
    await problemOf(await app.app.request("http://evil.example/email", init, { remoteAddr }), 403);
  }
  deepEqual(app.published, []);
});

/** What `fetch` with the mode `no-cors` can send of a body: anything but the content type of JSON. */
const UNTYPED = new TextEncoder().encode(JSON.stringify(DOCUMENT));

const OTHER_SITES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "another site": { "sec-fetch-site": "cross-site", origin: "http://evil.example" },
  "another site without an origin": { "sec-fetch-site": "cross-site" },
  "another port of this machine": {
    "sec-fetch-site": "same-site",
    origin: "http://127.0.0.1:3000",
  },
  "another site in an old browser": { origin: "http://evil.example" },
  "another port in an old browser": { origin: "http://127.0.0.1:3000" },
  "a sandboxed frame": { origin: "null" },
};
for (const [name, headers] of Object.entries(OTHER_SITES)) {
  Deno.test(`createApp() lets no page of ${name} send emails or set faults`, async () => {
    const faultsUrl = new URL("http://127.0.0.1:1");
    for (const isLocal of [true, false]) {
      await using app = startTestApp({ isLocal, faultsUrl });
      const posted = await app.request("/email", { method: "POST", headers, body: UNTYPED });
      match((await problemOf(posted, 403)).detail, /another web site .*; make it from /);
      for (const method of ["PUT", "DELETE"]) {
        await problemOf(await app.request("/api/faults/x", { method, headers }), 403);
      }
      deepEqual(app.published, []);
    }
  });
}

const OWN_CALLERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a program": {},
  "the page": { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:8080" },
  "the page behind a proxy": { "sec-fetch-site": "same-origin", origin: "https://mail.example" },
  "the page in an old browser": { origin: "http://127.0.0.1:8080" },
  "a browser's own form": { "sec-fetch-site": "none" },
};
for (const [name, headers] of Object.entries(OWN_CALLERS)) {
  Deno.test(`createApp() lets ${name} send an email without a content type`, async () => {
    await using app = startTestApp({ isLocal: true });
    equal((await app.request("/email", { method: "POST", headers, body: UNTYPED })).status, 202);
  });
}

Deno.test("createApp() lets other sites do what they like with the token", async () => {
  await using app = startTestApp({ apiToken: API_TOKEN });
  const headers = { authorization: `Bearer ${API_TOKEN}`, ...OTHER_SITES["another site"] };
  equal((await app.post(DOCUMENT, headers)).status, 202);
});

Deno.test("createApp() lets people follow a link from another site to what it reads", async () => {
  await using app = startTestApp({
    isLocal: true,
    emails: readerOf({ status: "found", spans: [], omittedSpanCount: 0 }),
  });
  const headers = { "sec-fetch-site": "cross-site" };
  equal((await app.request(`/api/traces/${TRACE_ID}`, { headers })).status, 200);
});

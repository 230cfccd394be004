import { deepEqual, equal, match } from "node:assert/strict";
import { HTTPException } from "@hono/hono/http-exception";
import { DOCUMENT, problemOf, readerOf, startTestApp } from "./testing/test_app.ts";

const API_TOKEN = "s3cret-t0ken";
const AUTHORIZED = { authorization: `Bearer ${API_TOKEN}` };
const TRACE_PATH = "/api/traces/463ac35c9f6413ad48485a3978bb5ecc";
const FOUND = readerOf({ status: "found", spans: [], omittedSpanCount: 0 });
const FOREIGN_PAGE = { "sec-fetch-site": "cross-site", origin: "http://evil.example" };

for (const path of ["/nothing", "/email/", "/EMAIL", "/api/nothing", "/%zz", "/..%2fetc"]) {
  Deno.test(`createApp() answers 404 at ${path}`, async () => {
    await using app = startTestApp();
    match((await problemOf(await app.request(path), 404)).detail, /\/openapi\.json/);
  });
}

Deno.test.each([
  ["POST", "/email", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]],
  ["GET, HEAD", "/", ["PUT", "DELETE", "OPTIONS"]],
  ["GET, HEAD", "/api", ["POST", "DELETE"]],
  ["GET, HEAD", "/page/main.js", ["POST", "PUT", "OPTIONS"]],
  ["GET, HEAD", TRACE_PATH, ["POST", "PUT", "DELETE", "OPTIONS"]],
  ["GET, HEAD", "/api/emails", ["POST", "DELETE"]],
  ["GET, HEAD", "/api/events", ["POST", "DELETE"]],
  ["GET, HEAD", "/api/mails/1", ["POST", "PUT", "DELETE"]],
  ["GET, HEAD", "/openapi.json", ["POST", "DELETE"]],
  ["GET, HEAD, POST", "/api/dead-letters", ["PUT", "OPTIONS"]],
])("createApp() answers 405 to anything but %s %s", async (allowed, path, methods) => {
  await using app = startTestApp();
  for (const method of methods) {
    const response = await app.request(path, { method });
    equal(response.headers.get("allow"), allowed);
    await problemOf(response, 405);
  }
});

const AWAY = { status: "unavailable", reason: "it answered 500" } as const;
const UNKNOWN = { status: "unknown" } as const;
const MAIL_PATH = `/api/mails/${"d".repeat(64)}`;
const COMPARE_PATH = `/api/compare?left=${"a".repeat(32)}`;
Deno.test.each([
  ["/api/emails", 503, /ZIPKIN_URL/, null, {}],
  ["/api/emails", 503, /it answered 500/, "5", { emails: readerOf(AWAY) }],
  ["/api/explore/points", 503, /ZIPKIN_URL/, null, {}],
  [TRACE_PATH, 503, /ZIPKIN_URL/, null, {}],
  [TRACE_PATH, 503, /it answered 500/, "5", { emails: readerOf(AWAY) }],
  [TRACE_PATH, 404, /the trace: the collector does not/, null, { emails: readerOf(UNKNOWN) }],
  [COMPARE_PATH, 503, /ZIPKIN_URL/, null, {}],
  [COMPARE_PATH, 503, /it answered 500/, "5", { emails: readerOf(AWAY) }],
  [MAIL_PATH, 503, /ARCHIVE_URL/, "5", {}],
  [MAIL_PATH, 503, /it answered 500/, "5", { readMail: () => Promise.resolve(AWAY) }],
  [MAIL_PATH, 404, /the archive does not/, null, { readMail: () => Promise.resolve(UNKNOWN) }],
  ["/api/queues", 503, /it answered 500/, "5", { readQueues: () => Promise.resolve(AWAY) }],
])("GET %s answers %s that says %s", async (path, status, detail, retryAfter, options) => {
  await using app = startTestApp(options);
  const response = await app.request(path);
  equal(response.headers.get("retry-after"), retryAfter);
  match((await problemOf(response, status)).detail, detail);
});

for (const authorization of [undefined, "Bearer other-token", "Bearer tö ken"]) {
  Deno.test(`createApp() answers 401 to ${authorization}, before it reads the request`, async () => {
    await using app = startTestApp({ apiToken: API_TOKEN });
    const headers: HeadersInit = authorization === undefined ? {} : { authorization };
    const posted = await app.request("/email", { method: "POST", headers, body: "not JSON" });
    equal(posted.headers.get("www-authenticate"), 'Bearer realm="message-server"');
    equal(JSON.stringify(await problemOf(posted, 401)).includes(API_TOKEN), false);
    await problemOf(await app.request(TRACE_PATH, { headers }), 401);
    await problemOf(await app.request("/metrics", { headers }), 401);
  });
}

Deno.test("createApp() admits a caller with the token, wherever the request comes from", async () => {
  await using app = startTestApp({ apiToken: API_TOKEN, emails: FOUND });
  for (const headers of [AUTHORIZED, { ...AUTHORIZED, ...FOREIGN_PAGE }]) {
    equal((await app.post(DOCUMENT, headers)).status, 202);
    equal((await app.request(TRACE_PATH, { headers })).status, 200);
  }
});

Deno.test("createApp() answers /healthz and /readyz, to anybody", async () => {
  const notReady = { ready: false, reason: "RabbitMQ is not connected yet" } as const;
  await using app = startTestApp({ apiToken: API_TOKEN, readiness: notReady });
  deepEqual(await (await app.request("/healthz")).json(), { alive: true });
  const response = await app.request("/readyz");
  equal(response.status, 503);
  deepEqual(await response.json(), { ...notReady, lostSpanCount: 0 });
  for (const path of ["/healthz", "/readyz"]) {
    const { status, headers } = await app.request(path, { method: "POST" });
    deepEqual([status, headers.get("allow")], [405, "GET, HEAD"]);
  }
  deepEqual(app.spans.spans, []);
});

Deno.test("createApp() distinguishes a caller's mistake from a bug, and hides both without a token", async () => {
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

Deno.test("createApp() refuses a web site whose name resolves to this machine", async () => {
  await using app = startTestApp({ isLocal: true, emails: FOUND });
  const request = async (url: string, init?: RequestInit) =>
    await app.app.request(url, init, { remoteAddr: { hostname: "127.0.0.1" } });
  for (const path of ["/email", "/api/emails", "/api/events", "/api/faults", "/api/nothing"]) {
    match((await problemOf(await request(`http://evil.example${path}`), 403)).detail, /API_TOKEN/);
  }
  const email = { method: "POST", body: JSON.stringify(DOCUMENT) };
  const fromItself = { origin: "http://evil.example", "sec-fetch-site": "same-origin" };
  for (const init of [email, { ...email, headers: fromItself }]) {
    await problemOf(await request("http://evil.example/email", init), 403);
  }
  deepEqual(app.published, []);
  equal((await request("http://localhost:8080/api/emails")).status, 200);
});

/** Bodies that `fetch` can send with the mode `no-cors`: any content type except JSON's. */
const UNTYPED = new TextEncoder().encode(JSON.stringify(DOCUMENT));

for (const isLocal of [true, false]) {
  Deno.test(`createApp() ${isLocal ? "on loopback" : "for others"} lets no page of another site send emails or set faults`, async () => {
    await using app = startTestApp({ isLocal, faultsUrl: new URL("http://127.0.0.1:1") });
    const init = { headers: FOREIGN_PAGE, body: UNTYPED };
    const posted = await app.request("/email", { method: "POST", ...init });
    match((await problemOf(posted, 403)).detail, /another web site .*; make it from /);
    for (const method of ["PUT", "DELETE"]) {
      await problemOf(await app.request("/api/faults/x", { method, ...init }), 403);
    }
    deepEqual(app.published, []);
  });
}

Deno.test("createApp() lets programs and the page send an email without a content type", async () => {
  await using app = startTestApp({ isLocal: true });
  const page: HeadersInit = { "sec-fetch-site": "same-origin", origin: "https://mail.example" };
  for (const headers of [undefined, page]) {
    equal(
      (await app.request("/email", { method: "POST", ...(headers && { headers }), body: UNTYPED }))
        .status,
      202,
    );
  }
});

Deno.test("createApp() lets people follow a link from another site to what it reads", async () => {
  await using app = startTestApp({ isLocal: true, emails: FOUND });
  equal((await app.request(TRACE_PATH, { headers: FOREIGN_PAGE })).status, 200);
});

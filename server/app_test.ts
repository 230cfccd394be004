import { deepEqual, equal, match } from "node:assert/strict";
import { HTTPException } from "@hono/hono/http-exception";
import {
  DOCUMENT,
  problemOf,
  readerOf,
  startTestApp,
  type TestAppOptions,
} from "./testing/test_app.ts";

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

for (
  const [path, allowed, methods] of [
    ["/email", "POST", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]],
    [TRACE_PATH, "GET", ["POST", "PUT", "DELETE", "OPTIONS"]],
    ["/api/emails", "GET", ["POST", "DELETE"]],
    ["/api/events", "GET", ["POST", "DELETE"]],
    ["/api/mails/1", "GET", ["POST", "PUT", "DELETE"]],
    ["/openapi.json", "GET", ["POST", "DELETE"]],
  ] as const
) {
  Deno.test(`createApp() answers 405 to anything but ${allowed} ${path}`, async () => {
    await using app = startTestApp();
    for (const method of methods) {
      const response = await app.request(path, { method });
      equal(response.headers.get("allow"), allowed);
      await problemOf(response, 405);
    }
  });
}

const AWAY = { status: "unavailable", reason: "it answered 500" } as const;
const UNKNOWN = { status: "unknown" } as const;
const MAIL_PATH = `/api/mails/${"d".repeat(64)}`;
const COMPARE_PATH = `/api/compare?left=${"a".repeat(32)}`;
const NOT_THERE: readonly (readonly [
  path: string,
  options: TestAppOptions,
  status: number,
  retryAfter: string | null,
  detail: RegExp,
])[] = [
  ["/api/emails", {}, 503, null, /ZIPKIN_URL/],
  ["/api/emails", { emails: readerOf(AWAY) }, 503, "5", /it answered 500/],
  [TRACE_PATH, {}, 503, null, /ZIPKIN_URL/],
  [TRACE_PATH, { emails: readerOf(AWAY) }, 503, "5", /it answered 500/],
  [TRACE_PATH, { emails: readerOf(UNKNOWN) }, 404, null, /the trace: the collector does not/],
  [COMPARE_PATH, {}, 503, null, /ZIPKIN_URL/],
  [COMPARE_PATH, { emails: readerOf(AWAY) }, 503, "5", /it answered 500/],
  [MAIL_PATH, {}, 503, "5", /ARCHIVE_URL/],
  [MAIL_PATH, { readMail: () => Promise.resolve(AWAY) }, 503, "5", /it answered 500/],
  [MAIL_PATH, { readMail: () => Promise.resolve(UNKNOWN) }, 404, null, /the archive does not/],
  ["/api/queues", { readQueues: () => Promise.resolve(AWAY) }, 503, "5", /it answered 500/],
];
for (const [path, options, status, retryAfter, detail] of NOT_THERE) {
  Deno.test(`GET ${path} answers ${status} that says "${detail.source}"`, async () => {
    await using app = startTestApp(options);
    const response = await app.request(path);
    equal(response.headers.get("retry-after"), retryAfter);
    match((await problemOf(response, status)).detail, detail);
  });
}

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

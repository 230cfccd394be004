import { deepEqual, equal, match } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { EMAIL_TRACE, EXAMPLE_START_US, SKEWED_TRACE } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { Faults } from "../faults/registry.ts";
import { createZipkinApp } from "./app.ts";
import { SpanStore } from "./span_store.ts";

const ORIGIN = "http://127.0.0.1:9411";

const TRACE_PATH = "/zipkin/traces/463ac35c9f6413ad48485a3978bb5ecc";

const CLEAR = { take: (spans: readonly ZipkinSpan[]) => spans };

function appWith(store: SpanStore) {
  return createZipkinApp(store, new Faults(), CLEAR);
}

async function post(
  store: SpanStore,
  spans: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { status } = await appWith(store).request(`${ORIGIN}/api/v2/spans`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(spans),
  });
  return status;
}

/** Sends a request to an application with the given spans. */
async function ask(
  path: string,
  spans: readonly unknown[] = EMAIL_TRACE,
  init: RequestInit = {},
) {
  using store = new SpanStore(undefined);
  equal(await post(store, spans), 202);
  const response = await appWith(store).request(new URL(path, ORIGIN), init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

Deno.test("GET /zipkin/traces/{id} shows the trace as a waterfall", async () => {
  const { status, text } = await ask(TRACE_PATH);
  equal(status, 200);
  equal(text.match(/<details/g)?.length, 5);
  match(text, /<span class="branch" aria-hidden="true">└─ <\/span>amqp-publish/);
  match(text, /message-server → rabbitmq/);
  match(text, /<rect class="wait"/);
  match(text, /<dt><bdi>amqp\.routing_key<\/bdi><\/dt>\s*<dd><bdi>send\.email</);
  equal(text.includes("not complete"), false);
});

Deno.test("createZipkinApp() refuses another host's name", async () => {
  for (const path of ["/", "/zipkin/api/v2/services", "/zipkin/", TRACE_PATH]) {
    equal((await ask(`http://evil.example:9411${path}`)).status, 403, path);
  }
});

Deno.test("GET /zipkin/traces/{id} marks a failed span and opens its tags", async () => {
  const spans = EMAIL_TRACE.map((span) =>
    span.name === "send-email" ? { ...span, tags: { error: "421 try later" } } : span
  );
  const { text } = await ask(TRACE_PATH, spans);
  match(text, /✗ 1 failed/);
  match(text, /<details class="error" open/);
  match(text, /<dd><bdi>421 try later<\/bdi><\/dd>/);
});

Deno.test("GET /zipkin/traces/{id} links to the journey and to the inbox, where they are known", async () => {
  using store = new SpanStore(undefined);
  equal(await post(store, EMAIL_TRACE), 202);
  const links = { Journey: "http://127.0.0.1:8080/", Inbox: "http://127.0.0.1:8025" };
  const app = createZipkinApp(store, new Faults(), CLEAR, () => links);
  const text = await (await app.request(ORIGIN + TRACE_PATH)).text();
  match(text, /<a href="http:\/\/127\.0\.0\.1:8080\/#trace=463ac35c9f6413ad48485a3978bb5ecc/);
  match(text, /<a href="http:\/\/127\.0\.0\.1:8025">Inbox<\/a>/);
  const alone = await (await appWith(store).request(ORIGIN + TRACE_PATH)).text();
  equal(/>(?:Journey|Inbox)<\/a>|#trace=/.test(alone), false);
});

Deno.test("GET /zipkin/traces/{id} escapes what comes from a span", async () => {
  const attack = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`;
  const spans = EMAIL_TRACE.map((span) => ({
    ...span,
    name: attack,
    localEndpoint: { serviceName: attack },
    tags: { [attack]: attack, error: attack },
  }));
  for (const path of [TRACE_PATH, "/zipkin/"]) {
    const { status, text } = await ask(path, spans);
    equal(status, 200);
    equal(/<script|<img/.test(text), false);
    match(text, /&lt;script&gt;/);
  }
});

Deno.test("GET /zipkin/traces/{id} runs no script and needs no inline style", async () => {
  const { headers, text } = await ask(TRACE_PATH);
  match(headers.get("content-security-policy") ?? "", /default-src 'none'; style-src 'self'/);
  equal(/<script|<style| style=/.test(text), false);
  const [, href = ""] = text.match(/rel="stylesheet" href="([^"]+)"/) ?? [];
  const style = await ask(href);
  equal(style.status, 200);
  match(style.headers.get("content-type") ?? "", /^text\/css/);
  match(style.text, /color-scheme: light dark/);
});

Deno.test("GET /zipkin/traces/{id} explains what a trace lacks", async () => {
  const { status, text } = await ask(TRACE_PATH, EMAIL_TRACE.slice(1));
  equal(status, 200);
  match(text, /not complete\. The parent of amqp-publish, schedule-email, never arrived/);
});

Deno.test("GET /zipkin/traces/{id} offers to reload when it knows no span of the trace", async () => {
  const { status, text } = await ask(TRACE_PATH, []);
  equal(status, 404);
  match(text, /No span of this trace is here/);
  match(text, RegExp(`<a href="${TRACE_PATH}">reload</a>`));
});

Deno.test("GET /zipkin/traces/{id} answers an impossible id with a page", async () => {
  const { status, headers, text } = await ask("/zipkin/traces/%3Cscript%3E", []);
  equal(status, 400);
  match(headers.get("content-type") ?? "", /^text\/html/);
  match(text, /&lt;script&gt; should be lower-hex encoded/);
});

Deno.test("GET /zipkin/traces/{id} takes an id in capitals", async () => {
  equal((await ask("/zipkin/traces/463AC35C9F6413AD48485A3978BB5ECC")).status, 200);
});

Deno.test("GET /zipkin/traces/{id} shows the first thousand spans of a huge trace", async () => {
  const spans = Array.from({ length: 1_200 }, (_, index) => ({
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: (index + 1).toString(16),
    timestamp: EXAMPLE_START_US + index,
    duration: 1,
  }));
  const { text } = await ask(TRACE_PATH, spans);
  equal(text.match(/<details/g)?.length, 1_000);
  match(text, /200 more spans are only in the/);
});

Deno.test("GET /zipkin/ lists traces as links", async () => {
  const { status, text } = await ask("/zipkin/");
  equal(status, 200);
  match(text, RegExp(`<a href="${TRACE_PATH}">schedule-email</a>`));
  match(text, /message-server, rabbitmq, emailer, mail-poller/);
  match(text, /1\.40 s/);
  match(text, /2026-11-01 12:00:00\.000 UTC/);
});

Deno.test("GET /zipkin/ says so when there is no trace", async () => {
  match((await ask("/zipkin/", [])).text, /No trace has arrived yet/);
});

Deno.test("GET /zipkin/traces/{id} says whose clock was corrected, the API corrects none", async () => {
  const { text } = await ask("/zipkin/traces/5eed000000000002", SKEWED_TRACE);
  equal(text.match(/<dd>the clock of back is 500 ms behind; corrected here<\/dd>/g)?.length, 2);
  match(text, /0 – 100 ms/);
  const { text: json } = await ask("/api/v2/trace/5eed000000000002", SKEWED_TRACE);
  deepEqual(
    JSON.parse(json).map(({ timestamp }: ZipkinSpan) => timestamp).sort(),
    SKEWED_TRACE.map(({ timestamp }) => timestamp).sort(),
  );
});

Deno.test("HEAD is answered like GET, without a body", async () => {
  for (const path of ["/health", "/api/v2/services", TRACE_PATH]) {
    const { status, text } = await ask(path, EMAIL_TRACE, { method: "HEAD" });
    deepEqual([status, text], [200, ""], path);
  }
});

Deno.test("POST /api/v2/spans takes JSON only", async () => {
  const headers = { "content-type": "application/x-protobuf" };
  const { status, text } = await ask("/api/v2/spans", [], { method: "POST", headers, body: "[]" });
  equal(status, 415);
  match(text, /reads application\/json only/);
});

Deno.test("POST /api/v2/spans refuses a page of another site", async () => {
  using store = new SpanStore(undefined);
  equal(await post(store, EMAIL_TRACE, { "sec-fetch-site": "cross-site" }), 403);
  deepEqual(store.serviceNames(), []);
});

Deno.test("GET /zipkin/ shows what arrived last, whatever time other spans claim", async () => {
  const future = Array.from({ length: 60 }, (_, index) => ({
    traceId: (index + 1).toString(16),
    id: "1",
    timestamp: Date.UTC(2100) * 1_000 + index,
  }));
  using store = new SpanStore(undefined);
  for (const spans of [future, EMAIL_TRACE]) equal(await post(store, spans), 202);
  const page = await appWith(store).request(`${ORIGIN}/zipkin/`);
  match(await page.text(), RegExp(TRACE_PATH));
});

Deno.test("POST /api/v2/spans answers 400 to lists that are nested very deep", async () => {
  const headers = { "content-type": "application/json" };
  const body = "[".repeat(100_000);
  equal((await ask("/api/v2/spans", [], { method: "POST", headers, body })).status, 400);
});

Deno.test("POST /api/v2/spans holds the size limit after unpacking as well", async () => {
  const body = Uint8Array.from(gzipSync(`[${"x".repeat(11 * 1024 * 1024)}`));
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  equal((await ask("/api/v2/spans", [], { method: "POST", headers, body })).status, 413);
});

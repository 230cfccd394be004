import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { EMAIL_TRACE, EXAMPLE_START_US, SKEWED_TRACE } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { Faults } from "../faults/registry.ts";
import type { PageLinks } from "../page.ts";
import { createZipkinApp } from "./app.ts";
import { SpanStore } from "./span_store.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const TRACE_PATH = `/zipkin/traces/${TRACE_ID}`;

interface Asking extends RequestInit {
  /** What has arrived before. @default the example email */
  readonly batches?: readonly (readonly ZipkinSpan[])[];
  readonly links?: PageLinks;
}

async function ask(path: string, { batches = [EMAIL_TRACE], links = {}, ...init }: Asking = {}) {
  using store = new SpanStore(undefined);
  for (const spans of batches) store.add(spans);
  const app = createZipkinApp(store, new Faults(), { take: (spans) => spans }, () => links);
  const answer = await app.request(new URL(path, "http://127.0.0.1:9411"), init);
  const { status, headers } = answer;
  return { status, headers, text: await answer.text(), services: store.serviceNames() };
}

interface Page extends Asking {
  /** @default that of the example email */
  readonly path?: string;
  /** @default 200 */
  readonly status?: number;
  readonly shows: readonly RegExp[];
  readonly hides?: RegExp;
  /** How many spans it draws. */
  readonly rowCount?: number;
}

const ATTACK = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`;

const ATTACKING = EMAIL_TRACE.map((span) => ({
  ...span,
  name: ATTACK,
  localEndpoint: { serviceName: ATTACK },
  tags: { [ATTACK]: ATTACK, error: ATTACK },
}));

const PAGES: Readonly<Record<string, Page>> = {
  "shows a trace as a waterfall": {
    rowCount: 5,
    shows: [
      /<span class="branch" aria-hidden="true">└─ <\/span>amqp-publish/,
      /message-server → rabbitmq/,
      /<rect class="wait"/,
      /<dt><bdi>amqp\.routing_key<\/bdi><\/dt>\s*<dd><bdi>send\.email</,
    ],
    hides: /not complete|>(?:Journey|Inbox)<\/a>|#trace=/,
  },
  "links to the journey and to the inbox, where they are known": {
    links: { Journey: "http://127.0.0.1:8080/", Inbox: "http://127.0.0.1:8025" },
    shows: [
      RegExp(`<a href="http://127\\.0\\.0\\.1:8080/#trace=${TRACE_ID}`),
      /<a href="http:\/\/127\.0\.0\.1:8025">Inbox<\/a>/,
    ],
  },
  "marks a failed span and opens its tags": {
    batches: [
      EMAIL_TRACE.map((span) =>
        span.name === "send-email" ? { ...span, tags: { error: "421 try later" } } : span
      ),
    ],
    shows: [/✗ 1 failed/, /<details class="error" open/, /<dd><bdi>421 try later<\/bdi><\/dd>/],
  },
  "escapes what comes from a span": { batches: [ATTACKING], shows: [/&lt;script&gt;/] },
  "escapes names in the list of traces": {
    path: "/zipkin/",
    batches: [ATTACKING],
    shows: [/&lt;script&gt;/],
  },
  "explains what a trace lacks": {
    batches: [EMAIL_TRACE.slice(1)],
    shows: [/not complete\. The parent of amqp-publish, schedule-email, never arrived/],
  },
  "offers to reload when it knows no span of a trace": {
    batches: [],
    status: 404,
    shows: [/No span of this trace is here/, RegExp(`<a href="${TRACE_PATH}">reload</a>`)],
  },
  "answers an impossible id with a page": {
    path: "/zipkin/traces/%3Cscript%3E",
    status: 400,
    shows: [/&lt;script&gt; should be lower-hex encoded/],
  },
  "takes an id in capitals": {
    path: `/zipkin/traces/${TRACE_ID.toUpperCase()}`,
    shows: [/schedule-email/],
  },
  "shows the first thousand spans of a huge trace": {
    batches: [Array.from({ length: 1_200 }, (_, index) => ({
      traceId: TRACE_ID,
      id: (index + 1).toString(16).padStart(16, "0"),
      timestamp: EXAMPLE_START_US + index,
      duration: 1,
    }))],
    rowCount: 1_000,
    shows: [/200 more spans are only in the/],
  },
  "says whose clock was corrected": {
    path: "/zipkin/traces/5eed000000000002",
    batches: [SKEWED_TRACE],
    shows: [
      /(?:<dd>the clock of back is 500 ms behind; corrected here<\/dd>[^]*){2}/,
      /0 – 100 ms/,
    ],
  },
  "lists traces as links": {
    path: "/zipkin/",
    shows: [
      RegExp(`<a href="${TRACE_PATH}">schedule-email</a>`),
      /message-server, rabbitmq, emailer, mail-poller/,
      /1\.40 s/,
      /2026-11-01 12:00:00\.000 UTC/,
    ],
  },
  "lists what arrived last, whatever time other spans claim": {
    path: "/zipkin/",
    batches: [
      Array.from({ length: 60 }, (_, index) => ({
        traceId: (index + 1).toString(16).padStart(16, "0"),
        id: "0000000000000001",
        timestamp: Date.UTC(2100) * 1_000 + index,
      })),
      EMAIL_TRACE,
    ],
    shows: [RegExp(TRACE_PATH)],
  },
  "says so when there is no trace": {
    path: "/zipkin/",
    batches: [],
    shows: [/No trace has arrived yet/],
  },
};

for (const [behaviour, page] of Object.entries(PAGES)) {
  const { path = TRACE_PATH, status = 200, shows, hides, rowCount, ...asking } = page;
  Deno.test(`createZipkinApp() ${behaviour}, without script and inline style`, async () => {
    const answer = await ask(path, asking);
    equal(answer.status, status);
    match(answer.headers.get("content-type") ?? "", /^text\/html/);
    match(
      answer.headers.get("content-security-policy") ?? "",
      /default-src 'none'; style-src 'self'/,
    );
    doesNotMatch(answer.text, /<script|<img|<style| style=/);
    for (const expected of shows) match(answer.text, expected);
    if (hides !== undefined) doesNotMatch(answer.text, hides);
    if (rowCount !== undefined) equal(answer.text.match(/<details/g)?.length, rowCount);
  });
}

Deno.test("GET /zipkin/traces/{id} names its style sheet", async () => {
  const { text } = await ask(TRACE_PATH);
  const [, href = ""] = text.match(/rel="stylesheet" href="([^"]+)"/) ?? [];
  const style = await ask(href);
  equal(style.status, 200);
  match(style.headers.get("content-type") ?? "", /^text\/css/);
  match(style.text, /color-scheme: light dark/);
});

Deno.test("GET /api/v2/trace/{id} corrects no clock", async () => {
  const { text } = await ask("/api/v2/trace/5eed000000000002", { batches: [SKEWED_TRACE] });
  deepEqual(
    JSON.parse(text).map(({ timestamp }: ZipkinSpan) => timestamp).sort(),
    SKEWED_TRACE.map(({ timestamp }) => timestamp).sort(),
  );
});

Deno.test("createZipkinApp() refuses another host's name", async () => {
  for (const path of ["/", "/zipkin/api/v2/services", "/zipkin/", TRACE_PATH]) {
    equal((await ask(`http://evil.example:9411${path}`)).status, 403, path);
  }
});

Deno.test("HEAD is answered like GET, without a body", async () => {
  for (const path of ["/health", "/api/v2/services", TRACE_PATH]) {
    const { status, text } = await ask(path, { method: "HEAD" });
    deepEqual([status, text], [200, ""], path);
  }
});

const REFUSED: Readonly<Record<string, readonly [number, HeadersInit, BodyInit]>> = {
  "what is not JSON": [415, { "content-type": "application/x-protobuf" }, "[]"],
  "a page of another site": [403, { "sec-fetch-site": "cross-site" }, JSON.stringify(EMAIL_TRACE)],
  "lists that are nested very deep": [400, {}, "[".repeat(100_000)],
  "what is too large once unpacked": [
    413,
    { "content-encoding": "gzip" },
    Uint8Array.from(gzipSync(`[${"x".repeat(11 * 1024 * 1024)}`)),
  ],
};

for (const [what, [status, headers, body]] of Object.entries(REFUSED)) {
  Deno.test(`POST /api/v2/spans refuses ${what}`, async () => {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
    const answer = await ask("/api/v2/spans", { ...init, body, batches: [] });
    deepEqual([answer.status, answer.services], [status, []], answer.text);
  });
}

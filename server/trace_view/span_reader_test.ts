import { deepEqual, equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { createSpanReader, type SpansResult } from "./span_reader.ts";
import { ZipkinApi } from "./zipkin_api.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const POLL_TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const ZIPKIN = new URL("http://zipkin.example:9411");

const OWN: ZipkinSpan = {
  traceId: TRACE_ID,
  id: "a2fb4a1d1a96d312",
  name: "schedule-email",
  kind: "SERVER",
  timestamp: 1_700_000_000_000_000,
  duration: 1_500,
  localEndpoint: { serviceName: "message-server" },
  remoteEndpoint: { serviceName: "rabbitmq", ipv4: "127.0.0.1", port: 5672 },
  annotations: [{ timestamp: 1_700_000_000_000_001, value: "connected" }],
  tags: { "http.method": "POST" },
};

function pollSpan(name: string, tags: Readonly<Record<string, string>> = {}): ZipkinSpan {
  return { traceId: POLL_TRACE_ID, id: "b7ad6b7169203331", name, tags };
}

type Answer = () => Response | Promise<Response>;

/** Reads the spans of the email from a collector that answers like this, and tells what it was asked. */
async function read(
  trace: Answer,
  polls: Answer = () => Response.json([]),
): Promise<{ result: SpansResult; urls: readonly URL[] }> {
  const urls: URL[] = [];
  const fetcher = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input));
    urls.push(url);
    init?.signal?.throwIfAborted();
    return await (url.pathname === "/api/v2/traces" ? polls() : trace());
  };
  return { result: await createSpanReader(new ZipkinApi(ZIPKIN, fetcher))(TRACE_ID), urls };
}

Deno.test("createSpanReader() reads the email's own trace", async () => {
  const { result, urls } = await read(() => Response.json([OWN]));

  deepEqual(result, { status: "found", spans: [OWN], omittedSpanCount: 0 });
  equal(urls[0]?.href, `http://zipkin.example:9411/api/v2/trace/${TRACE_ID}`);
});

Deno.test("createSpanReader() looks for polls that handled the email", async () => {
  const { urls } = await read(() => Response.json([OWN]));

  equal(urls[1]?.pathname, "/api/v2/traces");
  deepEqual(Object.fromEntries(urls[1]?.searchParams ?? []), {
    serviceName: "mail-poller",
    spanName: "fetch-message",
    annotationQuery: `origin.trace_id=${TRACE_ID}`,
    lookback: "86400000",
    limit: "10",
  });
});

Deno.test("createSpanReader() takes from a poll what is about the email", async () => {
  const about = [
    pollSpan("poll-email"),
    pollSpan("fetch-inbox"),
    pollSpan("fetch-message", { "origin.trace_id": TRACE_ID }),
    pollSpan("store-message", { "origin.trace_id": TRACE_ID }),
  ];
  const { result } = await read(
    () => Response.json([OWN]),
    () =>
      Response.json([[
        ...about,
        pollSpan("store-message", { "origin.trace_id": POLL_TRACE_ID }),
        pollSpan("fetch-message"),
      ]]),
  );

  deepEqual(result, { status: "found", spans: [OWN, ...about], omittedSpanCount: 0 });
});

Deno.test("createSpanReader() shows a span once that is found both ways", async () => {
  const { result } = await read(
    () => Response.json([OWN]),
    () => Response.json([[{ ...OWN, tags: { "origin.trace_id": TRACE_ID } }]]),
  );
  deepEqual(result, { status: "found", spans: [OWN], omittedSpanCount: 0 });
});

Deno.test("createSpanReader() leaves out what Zipkin may add", async () => {
  const { result } = await read(() => Response.json([{ ...OWN, future: true }]));
  deepEqual(result, { status: "found", spans: [OWN], omittedSpanCount: 0 });
});

Deno.test("createSpanReader() does not know a trace that the collector does not know", async () => {
  const { result, urls } = await read(() => new Response("not found", { status: 404 }));

  deepEqual(result, { status: "unknown" });
  equal(urls.length, 1);
});

const broken: readonly (readonly [name: string, answer: Answer, reason: RegExp])[] = [
  ["answers 500", () => new Response("no disk", { status: 500 }), /^the collector answered 500$/],
  ["answers HTML", () => new Response("<html>"), /^the collector's answer is not Zipkin's$/],
  [
    "answers no list",
    () => Response.json({ error: 1 }),
    /^the collector's answer is not Zipkin's$/,
  ],
  [
    "answers no spans",
    () => Response.json([{ id: 1 }]),
    /^the collector's answer is not Zipkin's$/,
  ],
  ["cannot be reached", () => Promise.reject(new TypeError("connection refused")), /refused/],
];
for (const [name, answer, reason] of broken) {
  Deno.test(`createSpanReader() is unavailable when the collector ${name}`, async () => {
    const { result } = await read(answer);
    equal(result.status, "unavailable");
    match(result.status === "unavailable" ? result.reason : "", reason);
  });
}

Deno.test("createSpanReader() is unavailable when the collector fails at the polls", async () => {
  const { result } = await read(
    () => Response.json([OWN]),
    () => new Response(null, { status: 503 }),
  );
  deepEqual(result, { status: "unavailable", reason: "the collector answered 503" });
});

Deno.test("createSpanReader() reads no body that it does not need", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream({ cancel: () => resolve() });
  await read(() => new Response(body, { status: 404 }));
  await cancelled;
});

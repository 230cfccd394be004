import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  archived,
  emailIdOf,
  firstAttempt,
  ofEmail,
  POLL_TRACE_ID,
  polled,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { createSpanReader, type SpansResult } from "./span_reader.ts";
import { ZipkinApi } from "./zipkin_api.ts";

const ZIPKIN = new URL("http://zipkin.example:9411");
const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

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

/** Reads spans from a collector that answers like this, and tells what it was asked. */
async function read(
  trace: Answer,
  polls: Answer = () => Response.json([]),
  { emailId, maxSpans }: { emailId?: string; maxSpans?: number } = {},
): Promise<{ result: SpansResult; urls: readonly URL[] }> {
  const urls: URL[] = [];
  const fetcher = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input));
    urls.push(url);
    init?.signal?.throwIfAborted();
    return await (url.pathname === "/api/v2/traces" ? polls() : trace());
  };
  const readSpans = createSpanReader(new ZipkinApi(ZIPKIN, fetcher), maxSpans, () => NOW_MS);
  return { result: await readSpans(TRACE_ID, emailId), urls };
}

function shown(result: SpansResult): readonly ZipkinSpan[] {
  ok(result.status === "found", result.status);
  equal(result.omittedSpanCount, 0);
  return result.spans;
}

Deno.test("createSpanReader() reads the email's own trace, and looks for polls that handled it", async () => {
  const { result, urls } = await read(() => Response.json([{ ...OWN, future: true }]));

  deepEqual(shown(result), [OWN]);
  equal(urls[0]?.href, `http://zipkin.example:9411/api/v2/trace/${TRACE_ID}`);
  equal(urls[1]?.pathname, "/api/v2/traces");
  deepEqual(Object.fromEntries(urls[1]?.searchParams ?? []), {
    serviceName: "mail-poller",
    spanName: "fetch-message",
    annotationQuery: `origin.trace_id=${TRACE_ID}`,
    lookback: String(NOW_MS - 1_700_000_000_000 + HOUR_MS),
    limit: "10",
  });
});

const ages: readonly (readonly [what: string, timestamp: number, lookbackMs: number])[] = [
  ["that is a minute old", (NOW_MS - 60_000) * 1_000, 60_000 + HOUR_MS],
  ["of last week", (NOW_MS - 7 * 24 * HOUR_MS) * 1_000, (7 * 24 + 1) * HOUR_MS],
  ["whose server has a clock that is far ahead", (NOW_MS + 2 * HOUR_MS) * 1_000, 24 * HOUR_MS],
];
for (const [what, timestamp, lookbackMs] of ages) {
  Deno.test(`createSpanReader() looks for the polls of an email ${what}, whatever its caller's root says`, async () => {
    const root = { traceId: TRACE_ID, id: "f".repeat(16), name: "job", timestamp: NOW_MS };
    const { urls } = await read(() => Response.json([root, { ...OWN, timestamp }]));
    equal(urls[1]?.searchParams.get("lookback"), String(lookbackMs));
  });
}

Deno.test("createSpanReader() takes a poll's spans about the email", async () => {
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

  deepEqual(shown(result), [OWN, ...about]);
});

Deno.test("createSpanReader() shows a span that is found both ways once", async () => {
  const { result } = await read(
    () => Response.json([OWN]),
    () => Response.json([[{ ...OWN, tags: { "origin.trace_id": TRACE_ID } }]]),
  );
  deepEqual(shown(result), [OWN]);
});

Deno.test("createSpanReader() does not know a trace that the collector does not know", async () => {
  const { result, urls } = await read(() => new Response("not found", { status: 404 }));

  deepEqual(result, { status: "unknown" });
  equal(urls.length, 1);
});

const NOT_ZIPKINS = /^the collector's answer is not Zipkin's$/;
const BROKEN: readonly (readonly [name: string, answer: Answer, reason: RegExp])[] = [
  ["answers 500", () => new Response("no disk", { status: 500 }), /^the collector answered 500$/],
  ["answers HTML", () => new Response("<html>"), NOT_ZIPKINS],
  ["answers no list", () => Response.json({ error: 1 }), NOT_ZIPKINS],
  ["answers no spans", () => Response.json([{ id: 1 }]), NOT_ZIPKINS],
  ["cannot be reached", () => Promise.reject(new TypeError("connection refused")), /refused/],
];
for (const [name, answer, reason] of BROKEN) {
  Deno.test(`createSpanReader() is unavailable when the collector ${name}, also at the polls`, async () => {
    for (const [trace, polls] of [[answer, undefined], [() => Response.json([OWN]), answer]]) {
      const { result } = await read(trace ?? answer, polls);
      equal(result.status, "unavailable");
      match(result.status === "unavailable" ? result.reason : "", reason);
    }
  });
}

Deno.test("createSpanReader() reads no body that it does not need", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream({ cancel: () => resolve() });
  await read(() => new Response(body, { status: 404 }));
  await cancelled;
});

const JOB: ZipkinSpan = { traceId: TRACE_ID, id: "f".repeat(16), name: "nightly-job" };
const TWO_EMAILS: readonly ZipkinSpan[] = [
  JOB,
  ...[
    ...ofEmail(1, [...firstAttempt("delivered"), archived({ atMs: 200 })]),
    ...ofEmail(2, firstAttempt("dead-lettered", { error: "550 no such user" })),
  ].map((span) => span.parentId === undefined ? { ...span, parentId: JOB.id } : span),
];
const POLL = [
  ...polled(1, { atMs: 300 }).slice(0, 1),
  ...[1, 3].flatMap((number) => ofEmail(number, polled(1, { atMs: 300 }).slice(1))),
];

for (const maxSpans of [1_000, 8]) {
  for (const name of ["its id", "the span of its request"]) {
    Deno.test(`createSpanReader() reads one of a trace's emails by ${name}, of ${maxSpans} spans at most`, async () => {
      const emailId = name === "its id" ? emailIdOf(1) : `1${"a0".padStart(15, "0")}`;
      const { result, urls } = await read(
        () => Response.json(TWO_EMAILS),
        () => Response.json([POLL]),
        { emailId, maxSpans },
      );
      ok(result.status === "found");
      const expected = [...TWO_EMAILS.slice(0, 7), ...POLL.slice(0, 3)];
      equal(result.spans.length + (result.omittedSpanCount ?? 0), expected.length);
      if (maxSpans > 8) deepEqual(result.spans, expected);
      equal(
        urls.at(-1)?.searchParams.get("annotationQuery"),
        `origin.trace_id=${TRACE_ID} and origin.span_id=1${"c1".padStart(15, "0")}`,
      );
      equal(result.email?.emailId, emailIdOf(1));
      deepEqual(result.emails?.map(({ emailId }) => emailId), [emailIdOf(1), emailIdOf(2)]);
    });
  }
}

Deno.test("createSpanReader() does not confuse an email without spans with another one", async () => {
  const { result } = await read(() => Response.json(TWO_EMAILS), undefined, {
    emailId: emailIdOf(3),
  });
  deepEqual(result, { status: "unknown" });
});

for (
  const [what, timestamp, tags, isShown] of [
    ["failed since", NOW_MS * 1_000, { error: "500" }, true],
    ["failed before", 1, { error: "500" }, false],
    ["found nothing", NOW_MS * 1_000, {}, false],
  ] as const
) {
  Deno.test(`createSpanReader() ${isShown ? "shows" : "hides"} the last poll of a delivered email if it ${what}`, async () => {
    const listing = { ...pollSpan("fetch-inbox", tags), timestamp };
    const spans = firstAttempt("delivered");
    let pollCount = 0;
    const { result, urls } = await read(
      () => Response.json(spans),
      () => Response.json(pollCount++ === 0 ? [] : [[pollSpan("poll-email"), listing]]),
    );
    equal(urls[2]?.searchParams.get("spanName"), "fetch-inbox");
    const names = shown(result).filter(({ traceId }) => traceId === POLL_TRACE_ID)
      .map(({ name }) => name);
    deepEqual(names, isShown ? ["poll-email", "fetch-inbox"] : []);
  });
}

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  archived,
  attempted,
  emailIdOf,
  firstAttempt,
  ofEmail,
  published,
  scheduled,
  START_MS,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { summarizeEmail } from "./email_summary.ts";
import { createRecentEmailsReader, type EmailsResult } from "./recent_emails.ts";
import { ZipkinApi } from "./zipkin_api.ts";

const NOW_MS = START_MS + 60_000;

/** Reads from a collector that answers like this, and tells what it was asked. */
async function read(
  answer: (query: URLSearchParams) => Response | Promise<Response>,
  { base = "http://zipkin.example:9411", limit = 5 } = {},
): Promise<{ result: EmailsResult; urls: readonly URL[] }> {
  const urls: URL[] = [];
  const api = new ZipkinApi(new URL(base), async (input) => {
    const url = new URL(String(input));
    urls.push(url);
    return await answer(url.searchParams);
  });
  const recent = createRecentEmailsReader(api, {
    serviceName: "message-server",
    maxSpans: 100,
    summarize: (email, traceId) => summarizeEmail(email, traceId, undefined),
    now: () => NOW_MS,
  });
  return { result: await recent(limit), urls };
}

Deno.test("createRecentEmailsReader() searches the traces of requests of all times, in one question", async () => {
  const { urls } = await read(() => Response.json([]));
  deepEqual(urls.map(({ pathname }) => pathname), ["/api/v2/traces"]);
  const endMs = NOW_MS + 24 * 60 * 60 * 1_000;
  deepEqual(Object.fromEntries(urls[0]?.searchParams ?? []), {
    serviceName: "message-server",
    spanName: "schedule-email",
    endTs: String(endMs),
    lookback: String(endMs),
    limit: "5",
  });
});

Deno.test("createRecentEmailsReader() keeps the path of the collector's address", async () => {
  const base = "https://example.com/zipkin-backend/";
  const { urls } = await read(() => Response.json([]), { base });
  equal(urls[0]?.pathname, "/zipkin-backend/api/v2/traces");
});

Deno.test("createRecentEmailsReader() puts the newest first, whatever order Zipkin has", async () => {
  const older = [scheduled({ atMs: 1 })];
  const newer = [scheduled({ atMs: 2 })];
  const { result } = await read(() => Response.json([older, newer]));
  ok(result.status === "found");
  deepEqual(
    result.emails.map(({ scheduledAt }) => scheduledAt),
    ["2026-11-01T12:00:00.002Z", "2026-11-01T12:00:00.001Z"],
  );
});

Deno.test("createRecentEmailsReader() lists each email of a trace, and no more than it was asked for", async () => {
  const dead = ofEmail(1, firstAttempt("dead-lettered", { error: "550" }));
  const later = ofEmail(2, [scheduled({ atMs: 70 }), published(1, { atMs: 75 })]);
  for (const limit of [2, 1]) {
    const { result } = await read(() => Response.json([[...dead, ...later]]), { limit });
    ok(result.status === "found");
    deepEqual(
      result.emails.map(({ traceId, emailId, state }) => [traceId, emailId, state.name]),
      [[TRACE_ID, emailIdOf(2), "queued"], [TRACE_ID, emailIdOf(1), "dead-lettered"]]
        .slice(0, limit),
    );
  }
});

const roots: readonly (readonly [what: string, root: Partial<ZipkinSpan>])[] = [
  ["began yesterday", { timestamp: (START_MS - 90_000_000) * 1_000 }],
  ["counts milliseconds", { timestamp: START_MS }],
  ["has a clock that is ahead", { timestamp: (START_MS + 3_600_000) * 1_000 }],
  ["has no time", {}],
];
for (const [what, root] of roots) {
  Deno.test(`createRecentEmailsReader() lists an email by its own time when its caller ${what}`, async () => {
    const caller = { traceId: TRACE_ID, id: "f".repeat(16), name: "job", ...root };
    const { result } = await read(() =>
      Response.json([[caller, { ...scheduled(), parentId: caller.id }]])
    );
    ok(result.status === "found");
    deepEqual(
      result.emails.map(({ scheduledAt }) => scheduledAt),
      [new Date(START_MS).toISOString()],
    );
  });
}

Deno.test("createRecentEmailsReader() looks behind traces whose callers have clocks that are ahead", async () => {
  const trace = (index: number, callerMs: number) => {
    const traceId = String(index).padStart(32, "a");
    const caller = { traceId, id: "f".repeat(16), name: "job", timestamp: callerMs * 1_000 };
    return [caller, { ...scheduled({ atMs: index }), traceId, parentId: caller.id }];
  };
  // As Zipkin has them: the trace with the latest span first.
  const traces = [
    ...[0, 1, 2, 3, 4].map((index) => trace(index, NOW_MS + 3_600_000)),
    ...[9, 8, 7].map((index) => trace(index, START_MS)),
  ];
  const { result, urls } = await read((query) =>
    Response.json(traces.slice(0, Number(query.get("limit"))))
  );
  ok(result.status === "found");
  deepEqual(
    result.emails.map(({ scheduledAt }) => Date.parse(scheduledAt) - START_MS),
    [9, 8, 7, 4, 3],
  );
  deepEqual(urls.map(({ searchParams }) => searchParams.get("limit")), ["5", "25"]);
});

Deno.test("createRecentEmailsReader() tells of an email with many spans by its first and last ones", async () => {
  const many = Array.from(
    { length: 1_000 },
    (_, index) => attempted(index + 1, "retried", { atMs: 100 + index, error: "451 later" }),
  ).flat();
  const { result } = await read(() =>
    Response.json([[
      archived({ atMs: 5_000 }),
      ...attempted(1_001, "delivered", { atMs: 4_000 }),
      ...many,
      scheduled(),
    ]])
  );
  ok(result.status === "found");
  deepEqual(
    result.emails.map(({ traceId, state }) => [traceId, state]),
    [[TRACE_ID, { name: "archived" }]],
  );
});

Deno.test("createRecentEmailsReader() tells the innermost reason why the collector is away", async () => {
  const cause = new Error("connection refused");
  const { result } = await read(() => Promise.reject(new TypeError("fetch failed", { cause })));
  match(
    result.status === "unavailable" ? result.reason : "",
    /cannot be asked: connection refused$/,
  );
});

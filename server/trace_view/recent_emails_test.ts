import { deepEqual, ok } from "node:assert/strict";
import {
  emailIdOf,
  firstAttempt,
  ofEmail,
  published,
  scheduled,
  START_MS,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { createRecentEmailsReader, type EmailsResult } from "./recent_emails.ts";
import { ZipkinApi } from "./zipkin_api.ts";

const NOW_MS = START_MS + 60_000;

/** Reads from a collector with this answer, and records the questions. */
async function read(
  answer: (query: URLSearchParams) => Response | Promise<Response>,
  limit = 5,
  ...range: readonly number[]
): Promise<{ result: EmailsResult; urls: readonly URL[] }> {
  const urls: URL[] = [];
  const api = new ZipkinApi(new URL("https://example.com/zipkin-backend/"), async (input) => {
    const url = new URL(String(input));
    urls.push(url);
    return await answer(url.searchParams);
  });
  const recent = createRecentEmailsReader(api, () => undefined, "message-server", () => NOW_MS);
  return { result: await recent(limit, ...range), urls };
}

Deno.test("createRecentEmailsReader() searches the traces of requests of all times, in one question", async () => {
  const { urls } = await read(() => Response.json([]));
  deepEqual(urls.map(({ pathname }) => pathname), ["/zipkin-backend/api/v2/traces"]);
  const endMs = NOW_MS + 24 * 60 * 60 * 1_000 + 1;
  deepEqual(Object.fromEntries(urls[0]?.searchParams ?? []), {
    serviceName: "message-server",
    spanName: "schedule-email",
    endTs: String(endMs),
    lookback: String(endMs),
    limit: "5",
  });
});

Deno.test("createRecentEmailsReader() lists each email, the newest first, and no more than it was asked for", async () => {
  const dead = ofEmail(1, firstAttempt("dead-lettered", { error: "550" }));
  const later = ofEmail(2, [scheduled({ atMs: 70 }), published(1, { atMs: 75 })]);
  for (const limit of [2, 1]) {
    const { result } = await read(() => Response.json([[...dead, ...later]]), limit);
    ok(result.status === "found");
    deepEqual(
      result.emails.map(({ traceId, emailId, state }) => [traceId, emailId, state.name]),
      [[TRACE_ID, emailIdOf(2), "queued"], [TRACE_ID, emailIdOf(1), "dead-lettered"]]
        .slice(0, limit),
    );
  }
});

Deno.test("createRecentEmailsReader() lists those between two times, both inclusive", async () => {
  const emails = [0, 10, 20, 30].map((atMs, index) => ({
    ...scheduled({ atMs: atMs + 0.5 }),
    id: String(index),
  }));
  const { result, urls } = await read(
    () => Response.json([emails]),
    5,
    START_MS + 10,
    START_MS + 20,
  );
  ok(result.status === "found");
  deepEqual(result.emails.map(({ scheduledAt }) => Date.parse(scheduledAt) - START_MS), [20, 10]);
  deepEqual(
    ["endTs", "lookback"].map((name) => urls[0]?.searchParams.get(name)),
    [String(START_MS + 21), "11"],
  );
});

Deno.test("createRecentEmailsReader() asks for no time that Zipkin refuses", async () => {
  const { urls } = await read(() => Response.json([]), 5, 0, 0);
  deepEqual(["endTs", "lookback"].map((name) => urls[0]?.searchParams.get(name)), ["1", "1"]);
});

Deno.test("createRecentEmailsReader() asks nobody about a time range that ends before it begins", async () => {
  const { result, urls } = await read(() => Response.json([]), 5, START_MS, START_MS - 1);
  deepEqual(result, { status: "found", emails: [] });
  deepEqual(urls, []);
});

Deno.test("createRecentEmailsReader() looks behind traces whose callers have clocks that are ahead", async () => {
  const trace = (index: number, callerMs: number) => {
    const traceId = String(index).padStart(32, "a");
    const caller = { traceId, id: "f".repeat(16), name: "job", timestamp: callerMs * 1_000 };
    return [caller, { ...scheduled({ atMs: index }), traceId, parentId: caller.id }];
  };
  // In Zipkin's order: the trace with the latest span first.
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

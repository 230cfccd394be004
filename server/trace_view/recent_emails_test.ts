import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { archived, attempted, scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { summarizeEmail } from "./email_summary.ts";
import { createRecentEmailsReader, type EmailsResult } from "./recent_emails.ts";
import { ZipkinApi } from "./zipkin_api.ts";

/** Reads from a collector that answers like this, and tells what it was asked. */
async function read(
  answer: () => Response | Promise<Response>,
  base = "http://zipkin.example:9411",
): Promise<{ result: EmailsResult; url: URL }> {
  let url = new URL(base);
  const api = new ZipkinApi(new URL(base), async (input) => {
    url = new URL(String(input));
    return await answer();
  });
  const summarize = (spans: readonly ZipkinSpan[]) => summarizeEmail(spans, () => undefined);
  return { result: await createRecentEmailsReader(api, 100, summarize)(5), url };
}

Deno.test("createRecentEmailsReader() searches the traces of requests, in one question", async () => {
  const { url } = await read(() => Response.json([]));
  equal(url.pathname, "/api/v2/traces");
  deepEqual(Object.fromEntries(url.searchParams), {
    serviceName: "message-server",
    spanName: "schedule-email",
    lookback: "86400000",
    limit: "5",
  });
});

Deno.test("createRecentEmailsReader() keeps the path of the collector's address", async () => {
  const { url } = await read(() => Response.json([]), "https://example.com/zipkin-backend/");
  equal(url.pathname, "/zipkin-backend/api/v2/traces");
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

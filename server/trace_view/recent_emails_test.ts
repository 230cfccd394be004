import { deepEqual, equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { scheduled } from "../testing/email_spans.ts";
import { createRecentEmailsReader, type RecentEmailsResult } from "./recent_emails.ts";
import { ZipkinApi } from "./zipkin_api.ts";

/** Reads from a collector that answers like this, and tells what it was asked. */
async function read(
  answer: () => Response | Promise<Response>,
  base = "http://zipkin.example:9411",
): Promise<{ result: RecentEmailsResult; url: URL }> {
  let url = new URL(base);
  const api = new ZipkinApi(new URL(base), async (input) => {
    url = new URL(String(input));
    return await answer();
  });
  return { result: await createRecentEmailsReader(api)(5), url };
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
  const older: readonly ZipkinSpan[] = [scheduled({ atMs: 1 })];
  const newer: readonly ZipkinSpan[] = [scheduled({ atMs: 2 })];
  const { result } = await read(() => Response.json([older, newer]));
  deepEqual(result, { status: "found", traces: [newer, older] });
});

Deno.test("createRecentEmailsReader() tells the innermost reason why the collector is away", async () => {
  const cause = new Error("connection refused");
  const { result } = await read(() => Promise.reject(new TypeError("fetch failed", { cause })));
  match(
    result.status === "unavailable" ? result.reason : "",
    /cannot be asked: connection refused$/,
  );
});

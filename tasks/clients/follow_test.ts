import { deepEqual, equal } from "node:assert/strict";
import { stopTime } from "@playground/shared/testing";
import type { EmailState } from "@playground/server/trace-view";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { followEmail } from "./follow.ts";
import type { TraceResult } from "./message_server.ts";

const TRACE_ID = "a".repeat(32);
const EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";

function span(name: string, id: string, parentId?: string): ZipkinSpan {
  return { traceId: TRACE_ID, id, name, ...(parentId === undefined ? {} : { parentId }) };
}

const SCHEDULED = span("schedule-email", "1");
const SENT = span("emailer", "3", "2");
const PUBLISHED = span("amqp-publish", "2", "1");

function found(state: EmailState, ...spans: readonly ZipkinSpan[]): TraceResult {
  return { status: "found", state, spans };
}

const UNKNOWN: TraceResult = { status: "unknown" };
const UNAVAILABLE: TraceResult = { status: "unavailable", reason: "down", forGood: false };

/** Follows an email whose trace reads as each of these in turn; the last one repeats. */
async function follow(results: readonly TraceResult[], sampled = true) {
  const left = [...results];
  const seen: number[] = [];
  using time = stopTime();
  const following = followEmail({
    email: { id: EMAIL_ID, traceId: TRACE_ID, sampled },
    timeoutMs: 60_000,
    client: {
      readTrace: (...asked) => {
        deepEqual(asked, [TRACE_ID, EMAIL_ID]);
        return Promise.resolve((left.length > 1 ? left.shift() : left[0]) ?? UNKNOWN);
      },
    },
    onProgress: ({ spans }) => seen.push(spans.length),
  });
  const result = await time.passUntil(following, 250);
  return { result, seen, tookMs: performance.now() };
}

Deno.test("followEmail() does not follow an email whose trace is not sampled", async () => {
  const { result } = await follow([found({ name: "archived" }, SCHEDULED)], false);
  deepEqual([result.end, result.spans], ["unseen", []]);
});

Deno.test("followEmail() waits for spans that are missing, within a bound", async () => {
  const late = await follow([
    found({ name: "archived" }, SENT),
    found({ name: "archived" }, SENT, PUBLISHED, SCHEDULED),
  ]);
  equal(late.result.spans.length, 3);
  const never = await follow([found({ name: "archived" }, SENT)]);
  equal(never.result.end, "settled");
  equal(never.tookMs >= 2_000 && never.tookMs <= 2_500, true, `${never.tookMs} ms`);
});

Deno.test("followEmail() reports progress only when there are more spans", async () => {
  const { seen } = await follow([
    found({ name: "queued" }, SCHEDULED),
    found({ name: "queued" }, SCHEDULED),
    found({ name: "archived" }, SCHEDULED, PUBLISHED),
  ]);
  deepEqual(seen, [1, 2]);
});

Deno.test("followEmail() tolerates a short outage of the collector, not a long one", async () => {
  const moment = await follow([UNAVAILABLE, UNAVAILABLE, found({ name: "archived" }, SCHEDULED)]);
  equal(moment.result.end, "settled");
  const long = await follow([UNAVAILABLE]);
  equal(long.result.end, "unseen");
  equal(long.tookMs > 5_000 && long.tookMs < 6_000, true, `${long.tookMs} ms`);
});

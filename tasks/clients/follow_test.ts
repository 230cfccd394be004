import { deepEqual, equal } from "node:assert/strict";
import type { EmailState } from "@playground/server/trace-view";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { followEmail, type Progress } from "./follow.ts";
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

/** Follows an email whose trace is read as these, one after the other; the last one stays. */
async function follow(results: readonly TraceResult[], timeoutMs = 60_000) {
  const left = [...results];
  const seen: Progress[] = [];
  let nowMs = 0;
  let calls = 0;
  const result = await followEmail({
    email: { id: EMAIL_ID, traceId: TRACE_ID },
    timeoutMs,
    client: {
      readTrace: (...asked) => {
        deepEqual(asked, [TRACE_ID, EMAIL_ID]);
        calls++;
        return Promise.resolve((left.length > 1 ? left.shift() : left[0]) ?? UNKNOWN);
      },
    },
    onProgress: (progress) => seen.push(progress),
    now: () => nowMs,
    sleep: (durationMs) => {
      nowMs += durationMs;
      return Promise.resolve();
    },
  });
  return { result, seen, calls, tookMs: nowMs };
}

Deno.test("followEmail() ends when the email is archived and its trace complete", async () => {
  const { result, calls } = await follow([
    UNKNOWN,
    found({ name: "queued" }, SCHEDULED),
    found({ name: "archived" }, SCHEDULED, PUBLISHED, SENT),
  ]);
  deepEqual([result.end, result.progress.state.name, calls], ["settled", "archived", 3]);
});

for (
  const [state, isLast] of [
    [{ name: "dead-lettered", reason: "550" }, true],
    [{ name: "refused", reason: "no broker" }, true],
    [{ name: "queued" }, false],
    [{ name: "retrying", attempt: 1, reason: "451" }, false],
    [{ name: "delivered", followed: true }, false],
  ] as const
) {
  Deno.test(`followEmail() ${isLast ? "ends when" : "goes on while"} it is ${state.name}`, async () => {
    const { result } = await follow([
      found(state, SCHEDULED),
      found({ name: "archived" }, SCHEDULED),
    ]);
    deepEqual(
      [result.end, result.progress.state],
      ["settled", isLast ? state : { name: "archived" }],
    );
  });
}

Deno.test("followEmail() waits for spans that are missing, within a bound", async () => {
  const late = await follow([
    found({ name: "archived" }, SENT),
    found({ name: "archived" }, SENT, PUBLISHED, SCHEDULED),
  ]);
  equal(late.result.progress.spans.length, 3);
  const never = await follow([found({ name: "archived" }, SENT)]);
  equal(never.result.end, "settled");
  equal(never.tookMs >= 2_000 && never.tookMs <= 2_500, true, `${never.tookMs} ms`);
});

Deno.test("followEmail() tells of progress only when there are more spans", async () => {
  const { seen } = await follow([
    found({ name: "queued" }, SCHEDULED),
    found({ name: "queued" }, SCHEDULED),
    found({ name: "archived" }, SCHEDULED, PUBLISHED),
  ]);
  deepEqual(seen.map(({ spans }) => spans.length), [1, 2]);
});

Deno.test("followEmail() ends unseen when the mail carries no trace, or there is no collector", async () => {
  const untraced = await follow([found({ name: "delivered", followed: false }, SCHEDULED)]);
  equal(untraced.result.end, "unseen");
  const { result, calls } = await follow([{ ...UNAVAILABLE, reason: "none", forGood: true }]);
  deepEqual([result.end, result.end === "unseen" && result.reason, calls], ["unseen", "none", 1]);
});

Deno.test("followEmail() bears a collector that is away for a moment, not for long", async () => {
  const moment = await follow([
    UNAVAILABLE,
    UNAVAILABLE,
    found({ name: "archived" }, SCHEDULED),
  ]);
  equal(moment.result.end, "settled");
  const long = await follow([UNAVAILABLE]);
  equal(long.result.end, "unseen");
  equal(long.tookMs > 5_000 && long.tookMs < 6_000, true, `${long.tookMs} ms`);
});

Deno.test("followEmail() ends at the time limit with what is known", async () => {
  const { result, tookMs } = await follow([found({ name: "queued" }, SCHEDULED)], 3_000);
  deepEqual([result.end, result.progress.spans.length], ["timeout", 1]);
  equal(tookMs > 3_000 && tookMs < 4_000, true, `${tookMs} ms`);
});

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { EMAIL_TRACE, waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { FaultSetting } from "@playground/tasks/faults";
import { type Bench, delays, type FaultChecks } from "../../fixture/faults.ts";
import { get, post, randomHex, recordsOf } from "../../fixture/zipkin.ts";

/** The example of an email, in a trace of its own. */
function example(): readonly [traceId: string, spans: readonly ZipkinSpan[]] {
  const traceId = randomHex(32);
  return [traceId, EMAIL_TRACE.map((span) => ({ ...span, traceId }))];
}

async function report({ variables }: Bench, spans: readonly ZipkinSpan[]): Promise<number> {
  return (await post(variables.ZIPKIN_URL ?? "", JSON.stringify(spans))).status;
}

const trace = ({ variables }: Bench, traceId: string) =>
  recordsOf(variables.ZIPKIN_URL ?? "", traceId);

/** Waits until the collector has this many records of a trace. */
function collected(bench: Bench, traceId: string, count: number, timeoutMs?: number) {
  return waitFor(`${count} records of the trace`, async () => {
    const found = await trace(bench, traceId);
    return found.length === count && found;
  }, timeoutMs);
}

/** Reports an example under a fault; returns its records in the collector, once there are this many. */
async function underFault(
  bench: Bench,
  setting: FaultSetting,
  count: number = EMAIL_TRACE.length,
): Promise<readonly ZipkinSpan[]> {
  await bench.set(setting);
  const [traceId, spans] = example();
  equal(await report(bench, spans), 202);
  const found = await collected(bench, traceId, count);
  await bench.clear();
  return found;
}

const isOfEmailer = ({ localEndpoint }: ZipkinSpan) => localEndpoint?.serviceName === "emailer";
const OTHERS = EMAIL_TRACE.filter((span) => !isOfEmailer(span));
const shapes = (spans: readonly ZipkinSpan[]) =>
  spans.map(({ id, kind, name, timestamp = 0 }) => [id, kind, name, timestamp]).sort();

export const SPANS_CHECKS: FaultChecks<"spans"> = {
  async "spans.lose"(bench) {
    const found = await underFault(bench, { value: "emailer" }, OTHERS.length);
    deepEqual(shapes(found), shapes(OTHERS));
  },
  async "spans.clock-ahead"(bench) {
    const ahead = (span: ZipkinSpan) => ({
      ...span,
      timestamp: (span.timestamp ?? 0) + (isOfEmailer(span) ? 2_000_000 : 0),
    });
    const found = await underFault(bench, {});
    deepEqual(shapes(found), shapes(EMAIL_TRACE.map(ahead)));
  },
  async "spans.late"(bench) {
    await bench.set({ value: "emailer" });
    const [traceId, spans] = example();
    const startedAt = performance.now();
    equal(await report(bench, spans), 202);
    await collected(bench, traceId, OTHERS.length);
    await collected(bench, traceId, spans.length, 15_000);
    equal(performance.now() - startedAt >= 4_900, true);
  },
  async "spans.twice"(bench) {
    const count = EMAIL_TRACE.length;
    const found = await underFault(bench, {}, 2 * count);
    equal(found.filter(({ tags }) => tags?.forwarded_by === "second-agent").length, count);
  },
  async "spans.share-id"(bench) {
    const found = await underFault(bench, {});
    const idOf = (spans: readonly ZipkinSpan[], name: string) =>
      spans.find((span) => span.name === name)?.id;
    equal(idOf(found, "send-email"), idOf(found, "archive-email"));
    equal(idOf(found, "emailer"), idOf(EMAIL_TRACE, "emailer"));
  },
  async "spans.tail-sampling"(bench) {
    await bench.set({ value: "300" });
    const [healthyId, healthy] = example();
    const [failedId, spans] = example();
    const [first, ...others] = spans.map((span) =>
      span.name === "send-email" ? { ...span, tags: { error: "550" } } : span
    );
    const startedAt = performance.now();
    await report(bench, [...healthy, ...others]);
    const { length: earlyCount } = await trace(bench, failedId);
    ok(earlyCount === 0 || performance.now() - startedAt >= 300, "it decides too early");
    await collected(bench, failedId, others.length);
    // The decision also applies to later spans.
    await report(bench, [...first === undefined ? [] : [first], ...healthy.slice(0, 1)]);
    equal((await trace(bench, failedId)).length, spans.length);
    equal((await trace(bench, healthyId)).length, 0);
    equal(await bench.hitCount(), 1);
  },
};

const SPAN = { traceId: "0000000000000001", id: "0000000000000001", name: "span" };

async function query({ variables }: Bench): Promise<number> {
  return (await get(`${variables.ZIPKIN_URL}/api/v2/trace/${SPAN.traceId}`)).status;
}

/** The collector takes spans again, and has none that it did not accept. */
async function recovers(bench: Bench): Promise<void> {
  deepEqual([await query(bench), await report(bench, [SPAN]), await query(bench)], [404, 202, 200]);
}

export const ZIPKIN_CHECKS: FaultChecks<"zipkin"> = {
  async "zipkin.reply"(bench) {
    for (const value of ["400", "429", "500", "503"]) {
      await bench.set({ value });
      const status = Number(value);
      deepEqual([await report(bench, [SPAN]), await query(bench)], [status, status]);
    }
    await bench.clear();
    await recovers(bench);
  },
  "zipkin.delay": delays(async (bench) => equal(await report(bench, [SPAN]), 202)),
  async "zipkin.hang"(bench) {
    await bench.set();
    const giveUp = new AbortController();
    const hanging = fetch(`${bench.variables.ZIPKIN_URL}/api/v2/spans`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([SPAN]),
      signal: giveUp.signal,
    });
    await bench.struck();
    giveUp.abort();
    await rejects(hanging);
    await bench.clear();
    await recovers(bench);
  },
};

import { deepEqual, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { remainderOf, type TimeWindow } from "./collector_walk.ts";

const LIMIT = 10;

interface Trace {
  readonly startUs: number;
  readonly latestUs: number;
}

/** Reads a window of traces as Zipkin answers, and then the rest of it. */
function walk(
  traces: readonly Trace[],
  window: TimeWindow,
  sinceUs = 0,
  latestMs: LatestMs = ORDERS["of all"] ?? (() => 0),
) {
  const found = new Set<Trace>();
  let requestCount = 0;
  for (const windows = [window]; windows.length > 0;) {
    const { fromMs, toMs } = windows.pop() ?? window;
    const answer = traces
      .filter(({ startUs }) => startUs >= fromMs * 1_000 && startUs <= toMs * 1_000)
      .toSorted((a, b) => latestMs(b, toMs) - latestMs(a, toMs)).slice(0, LIMIT);
    for (const trace of answer) found.add(trace);
    windows.push(...remainderOf({ fromMs, toMs }, LIMIT, answer, sinceUs));
    requestCount++;
  }
  return { found, requestCount };
}

/** The time that the collector sorts by: in Zipkin, the latest span within the window; in others, the latest of all. */
type LatestMs = (trace: Trace, toMs: number) => number;

const ORDERS: Readonly<Record<string, LatestMs>> = {
  "within the window": ({ startUs, latestUs }, toMs) =>
    Math.floor((latestUs <= toMs * 1_000 ? latestUs : startUs) / 1_000),
  "of all": ({ latestUs }) => Math.floor(latestUs / 1_000),
};

function traceAt(startMs: number, forMs = 0): Trace {
  return { startUs: startMs * 1_000, latestUs: (startMs + forMs) * 1_000 };
}

/** At most as many in a millisecond as an answer holds, so that each can be found. */
const traces = fc.uniqueArray(
  fc.record({
    startUs: fc.oneof(fc.nat(1_000_000), fc.nat(20_000)),
    forUs: fc.oneof(fc.nat(5_000), fc.nat(1_000_000)),
  }).map(({ startUs, forUs }): Trace => ({ startUs, latestUs: startUs + forUs })),
  { selector: ({ startUs }) => startUs >> 8, minLength: 50, maxLength: 300 },
);

for (const [order, latestMs] of Object.entries(ORDERS)) {
  Deno.test(`remainderOf() leaves out no trace, however long they last (latest span ${order})`, () => {
    fc.assert(fc.property(traces, (all) => {
      const { found } = walk(all, { fromMs: 0, toMs: 2_000 }, 0, latestMs);
      deepEqual(all.filter((trace) => !found.has(trace)), []);
    }));
  });

  Deno.test(`remainderOf() leaves out no trace that started since a time (latest span ${order})`, () => {
    fc.assert(fc.property(traces, fc.nat(1_000_000), (all, sinceUs) => {
      const { found } = walk(all, { fromMs: 0, toMs: 2_000 }, sinceUs, latestMs);
      deepEqual(all.filter((trace) => trace.startUs >= sinceUs && !found.has(trace)), []);
    }));
  });
}

Deno.test.each([
  ["short traces", Array.from({ length: 500 }, (_, index) => traceAt(index * 7, 1)), 60],
  // Each is as long as all retries of an email.
  ["long traces", Array.from({ length: 500 }, (_, index) => traceAt(index * 7, 13_000)), 160],
])("remainderOf() needs few questions for %s", (_what, all, most) => {
  const { found, requestCount } = walk(all, { fromMs: 0, toMs: 100_000 });
  deepEqual(found.size, all.length);
  ok(requestCount <= most, `${requestCount} questions`);
});

Deno.test("remainderOf() stops at a millisecond with too many traces", () => {
  const all = Array.from({ length: 50 }, () => traceAt(7));
  const { requestCount } = walk(all, { fromMs: 0, toMs: 100 });
  ok(requestCount < 20, `${requestCount} questions`);
});

Deno.test("remainderOf() asks once if no trace is new", () => {
  const all = Array.from({ length: 500 }, (_, index) => traceAt(index));
  deepEqual(walk(all, { fromMs: 0, toMs: 1_000 }, 1_000_000).requestCount, 1);
});

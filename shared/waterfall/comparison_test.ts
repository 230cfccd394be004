import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { EMAIL_TRACE, POLL_TRACE } from "../testing/example_spans.ts";
import { threadMs } from "../testing/thread_time.ts";
import { compareWaterfalls } from "./comparison.ts";
import { layOutWaterfall } from "./layout.ts";

const compare = (left: readonly ZipkinSpan[], right: readonly ZipkinSpan[]) =>
  compareWaterfalls(layOutWaterfall(left), layOutWaterfall(right));

const EMAIL = [...EMAIL_TRACE, ...POLL_TRACE];

const span = (
  id: string,
  name: string,
  [offsetUs, duration]: readonly [number, number],
  parentId?: string,
): ZipkinSpan => ({
  traceId: "a1",
  id,
  name,
  timestamp: 1_000_000 + offsetUs,
  duration,
  localEndpoint: { serviceName: "shop" },
  parentId,
});

/** The same spans under other ids, later. */
const again = (spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] =>
  spans.map(({ id, parentId, timestamp = 0, ...rest }) => ({
    ...rest,
    traceId: `${rest.traceId.slice(1)}f`,
    id: `f${id.slice(1)}`,
    timestamp: timestamp + 60_000_000,
    parentId: parentId && `f${parentId.slice(1)}`,
  }));

Deno.test("compareWaterfalls() finds no difference between a trace and another like it", () => {
  const { summary, rows, differences, shares } = compare(EMAIL, again(EMAIL));
  equal(summary, "1.44 s, 1.44 s in the other. Spans: no difference.");
  deepEqual(rows.map(({ status }) => status), EMAIL.slice(1).map(() => "same"));
  ok(rows.every(({ left, right }) => left !== undefined && left.row.name === right?.row.name));
  deepEqual(differences, []);
  deepEqual(shares.filter(({ leftUs, rightUs }) => leftUs !== rightUs), []);
});

Deno.test("compareWaterfalls() says what is slower where it arose first, and what of a parent's is its own", () => {
  const trace = (sendUs: number, ownUs: number) => [
    span("1", "emailer", [0, sendUs + ownUs]),
    span("2", "send-email", [0, sendUs], "1"),
  ];
  const { summary, differences } = compare(trace(201_000, 14_000), trace(11_000, 12_000));
  equal(summary, "215 ms, 23 ms in the other; 192 ms slower. Spans: 2 slower.");
  deepEqual(differences, [
    "send-email: 201 ms, 11 ms in the other; 190 ms slower",
    "emailer: 215 ms, 23 ms in the other; 192 ms slower, 2.0 ms of it its own work",
  ]);
});

Deno.test("compareWaterfalls() counts the time in a queue as a wait, not as work", () => {
  const queued = (us: number) =>
    EMAIL_TRACE.slice(0, 3).map((span) =>
      span.kind === "CONSUMER" ? { ...span, duration: us } : span
    );
  const { rows, shares } = compare(queued(2_000_000), queued(20_000));
  const publish = rows.find(({ name }) => name === "amqp-publish");
  deepEqual([publish?.status, publish?.difference], ["same", "waits 1.98 s longer"]);
  const [first] = shares;
  deepEqual([first?.what, first?.isWait], ["waits in the queue", true]);
  match(String((first?.leftUs ?? 0) - (first?.rightUs ?? 0)), /^1980000$/);
});

Deno.test("compareWaterfalls() matches by name and place, then by name and order, and keeps what is missing at its place", () => {
  const left = [
    span("1", "get", [0, 10_000]),
    span("2", "query", [0, 2_000], "1"),
    span("3", "retry", [2_000, 5_000], "1"),
    span("4", "archive", [3_000, 1_000], "3"),
    span("5", "query", [8_000, 1_000], "1"),
  ];
  const right = [
    span("1", "get", [0, 10_000]),
    span("2", "check", [0, 1_000], "1"),
    span("3", "query", [2_000, 2_000], "1"),
    span("4", "archive", [4_000, 1_000], "1"),
    span("5", "log", [9_000, 1_000], "1"),
  ];
  const { rows, differences } = compare(left, right);
  deepEqual(rows.map(({ name, status }) => `${name} ${status}`), [
    "get same",
    "check missing",
    "query same",
    "retry new",
    "archive same",
    "log missing",
    "query new",
  ]);
  deepEqual(differences.toSorted(), [
    "check: missing; 1.0 ms in the other",
    "log: missing; 1.0 ms in the other",
    "query: new; 1.0 ms",
    "retry: new; 5.0 ms",
  ]);
});

Deno.test("compareWaterfalls() says that a span failed in one of them", () => {
  const failed = { ...span("1", "get", [0, 10]), tags: { error: "500" } };
  const { rows: [here] } = compare([failed], [span("1", "get", [0, 10])]);
  const { rows: [there] } = compare([span("1", "get", [0, 10])], [failed]);
  deepEqual([here?.difference, there?.difference], ["failed", "failed in the other"]);
});

Deno.test("compareWaterfalls() has one axis for both, cut only where neither works", () => {
  const { trueAxis, compressedAxis } = compare(
    [span("1", "a", [0, 10_000]), span("2", "b", [5_000_000, 10_000])],
    [span("1", "a", [0, 10_000]), span("2", "b", [2_000_000, 10_000])],
  );
  equal(trueAxis.totalUs, 5_010_000);
  deepEqual(compressedAxis?.cuts.map(({ fromUs, toUs }) => [fromUs, toUs]), [
    [10_000, 2_000_000],
    [2_010_000, 5_000_000],
  ]);
});

Deno.test("compareWaterfalls() compares two chains of 1,000 spans quickly", () => {
  const chain = Array.from(
    { length: 1_000 },
    (_, index) => span(`${index}`, "step", [index, 1_000_000], `${index - 1}`),
  );
  const startMs = threadMs();
  equal(compare(chain, chain).rows.length, 1_000);
  ok(threadMs() - startMs < 1_000);
});

Deno.test("compareWaterfalls() compares a trace with nothing", () => {
  equal(compare([], EMAIL).rows.every(({ status }) => status === "missing"), true);
  deepEqual(compare([], []).rows, []);
});

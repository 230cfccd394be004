import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { alignClocks } from "./clock_skew.ts";
import { EMAIL_TRACE, POLL_TRACE } from "@playground/shared/testing";
import { toSpanRows } from "./span_row.ts";

const FRONT = { serviceName: "front", ipv4: "10.0.0.1" };
const BACK = { serviceName: "back", ipv4: "10.0.0.2" };
const DATABASE = { serviceName: "database", ipv4: "10.0.0.3" };
const START_US = 1_795_941_536_392_521;

const traceId = "5eed000000000002";

/** Both halves of a span, the server's of a clock that differs by so much. */
function halves(
  span: Pick<ZipkinSpan, "id" | "name" | "parentId">,
  client: Partial<ZipkinSpan>,
  server: Partial<ZipkinSpan>,
): readonly ZipkinSpan[] {
  return [
    { traceId, ...span, kind: "CLIENT", localEndpoint: FRONT, ...client },
    { traceId, ...span, kind: "SERVER", shared: true, localEndpoint: BACK, ...server },
  ];
}

/** A call of which the server's clock differs by so much; the server works within it. */
function call(skewUs: number, server: Partial<ZipkinSpan> = {}): readonly ZipkinSpan[] {
  const timestamp = START_US + skewUs;
  return [
    ...halves(
      { id: "1", name: "get" },
      { timestamp: START_US, duration: 100_000 },
      { timestamp: timestamp + 10_000, duration: 80_000, ...server },
    ),
    {
      traceId,
      id: "2",
      parentId: "1",
      name: "work",
      timestamp: timestamp + 20_000,
      duration: 60_000,
      localEndpoint: BACK,
    },
  ];
}

/** Where each row lies, from the client's start. */
function places(spans: readonly ZipkinSpan[]) {
  return toSpanRows(spans).map(({ name, interval = { fromUs: 0, toUs: 0 }, correction }) => [
    name,
    interval.fromUs - START_US,
    interval.toUs - START_US,
    ...(correction === undefined ? [] : [correction]),
  ]);
}

for (
  const [skewUs, correction] of [
    [-510_000, "510 ms behind"],
    [3_600_000_000, "1h 00m ahead"],
    [-15_000, "15 ms behind"],
    [15_000, "15 ms ahead"],
  ] as const
) {
  Deno.test(`toSpanRows() makes a shared span as long as its client's half with a skew of ${skewUs} µs`, () => {
    const rows = places(call(skewUs).toReversed());
    deepEqual(rows.map((row) => row.slice(0, 3)), [
      ["get", 0, 100_000],
      ["work", 20_000, 80_000],
    ]);
    for (const [, , , said] of rows) {
      equal(said, `the clock of back is ${correction}; corrected here`);
    }
  });
}

Deno.test("toSpanRows() corrects no plausible times", () => {
  for (const skewUs of [0, -10_000, 10_000]) {
    deepEqual(places(call(skewUs)).map(({ length }) => length), [3, 3], String(skewUs));
  }
});

Deno.test("alignClocks() moves nothing that is possible, or of one machine", () => {
  for (
    const spans of [
      call(0, { duration: 500_000 }),
      call(-510_000, { localEndpoint: { ...BACK, ipv4: FRONT.ipv4 } }),
      [...EMAIL_TRACE, ...POLL_TRACE],
    ]
  ) {
    equal(alignClocks(spans), spans);
  }
});

Deno.test("alignClocks() lets no server begin before it was asked, however long it takes", () => {
  const [get] = toSpanRows(call(-60_000, { duration: 500_000 }));
  equal(get?.interval?.fromUs, START_US);
});

Deno.test("alignClocks() aligns a further server with the corrected clock of its caller", () => {
  const skewUs = -510_000;
  const spans = [
    ...call(skewUs),
    ...halves(
      { id: "3", parentId: "2", name: "query" },
      { timestamp: START_US + 30_000 + skewUs, duration: 20_000, localEndpoint: BACK },
      // Its clock is that of the front.
      { timestamp: START_US + 35_000, duration: 10_000, localEndpoint: DATABASE },
    ),
  ];
  deepEqual(places(spans), [
    ["get", 0, 100_000, "the clock of back is 510 ms behind; corrected here"],
    ["work", 20_000, 80_000, "the clock of back is 510 ms behind; corrected here"],
    ["query", 30_000, 50_000, "the clock of back is 510 ms behind; corrected here"],
  ]);
});

Deno.test("alignClocks() keeps every record once, whatever they say", () => {
  const id = fc.constantFrom("1", "2", "3");
  const span = fc.record({
    traceId: fc.constantFrom("a", "b"),
    id,
    parentId: id,
    kind: fc.constantFrom("CLIENT", "SERVER", "PRODUCER"),
    timestamp: fc.integer({ min: 0, max: 1_000 }),
    duration: fc.integer({ min: 0, max: 1_000 }),
    localEndpoint: fc.constantFrom(FRONT, BACK, DATABASE),
  }, { requiredKeys: ["traceId", "id"] });
  fc.assert(fc.property(fc.array(span), (spans) => {
    const shape = ({ traceId, id, kind }: Pick<ZipkinSpan, "traceId" | "id" | "kind">) =>
      `${traceId} ${id} ${kind}`;
    deepEqual(
      alignClocks(spans as readonly ZipkinSpan[]).map(shape).sort(),
      spans.map((one) => shape(one as ZipkinSpan)).sort(),
    );
  }));
});

import { deepEqual, throws } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { SpanStore } from "./span_store.ts";

function span(traceId: string, timestamp: number, rest: Partial<ZipkinSpan> = {}): ZipkinSpan {
  return { traceId, id: "1", timestamp, ...rest };
}

Deno.test("SpanStore drops what arrived first beyond its limit, whatever its time, with its names", () => {
  using store = new SpanStore(undefined, 2);
  const in2100 = Date.UTC(2100) * 1_000;
  const service = (serviceName: string) => ({ localEndpoint: { serviceName } });
  store.add([span("old", in2100, service("old-service"))]);
  store.add([span("new", 3), span("newer", 4)]);
  deepEqual(store.latestTraceIds(3), ["newer", "new"]);
  deepEqual(store.trace("old"), []);
  deepEqual(store.serviceNames(), []);
});

Deno.test("SpanStore counts the age of a trace from its last arrival", () => {
  using store = new SpanStore(undefined, 2);
  store.add([span("a", 1), span("b", 2)]);
  store.add([span("a", 5, { id: "2" })]);
  store.add([span("c", 3)]);
  deepEqual(store.latestTraceIds(3), ["c", "a"]);
});

Deno.test("SpanStore.add() stores all spans or none", () => {
  using store = new SpanStore(undefined);
  throws(() => store.add([span("a", 1), span("b", NaN)]));
  deepEqual(store.latestTraceIds(2), []);
  store.add([span("c", 1)]);
  deepEqual(store.latestTraceIds(2), ["c"]);
});

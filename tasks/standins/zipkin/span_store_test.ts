import { deepEqual, equal, throws } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { SpanStore } from "./span_store.ts";

function span(traceId: string, timestamp: number, rest: Partial<ZipkinSpan> = {}): ZipkinSpan {
  return { traceId, id: "1", timestamp, ...rest };
}

Deno.test("SpanStore keeps two records of one id, and one of two equal records", () => {
  using store = new SpanStore(undefined);
  const halves = [span("a", 1, { kind: "PRODUCER" }), span("a", 1, { kind: "CONSUMER" })];
  store.add(halves);
  store.add(halves);
  deepEqual(new Set(store.trace("a")), new Set(halves));
});

Deno.test("SpanStore drops the oldest traces beyond its limit, with their names", () => {
  using store = new SpanStore(undefined, 2);
  const service = (serviceName: string) => ({ localEndpoint: { serviceName } });
  store.add([span("old", 1, service("old-service"))]);
  store.add([span("new", 3), span("newer", 4)]);
  deepEqual(store.traceIds(), ["newer", "new"]);
  deepEqual(store.trace("old"), []);
  deepEqual(store.serviceNames(), []);
});

Deno.test("SpanStore counts the age of a trace from its newest span", () => {
  using store = new SpanStore(undefined, 2);
  store.add([span("a", 1), span("b", 2)]);
  store.add([span("a", 5, { id: "2" })]);
  store.add([span("c", 3)]);
  deepEqual(store.traceIds(), ["a", "c"]);
});

Deno.test("SpanStore.add() stores all spans or none", () => {
  using store = new SpanStore(undefined);
  throws(() => store.add([span("a", 1), span("b", NaN)]));
  deepEqual(store.traceIds(), []);
  store.add([span("c", 1)]);
  deepEqual(store.traceIds(), ["c"]);
});

Deno.test("SpanStore.traceIds() narrows by time, service and number", () => {
  using store = new SpanStore(undefined);
  const localEndpoint = { serviceName: "emailer" };
  store.add([span("a", 1, { localEndpoint }), span("b", 2), span("c", 3, { localEndpoint })]);
  deepEqual(store.traceIds(), ["c", "b", "a"]);
  deepEqual(store.traceIds({ sinceUs: 2 }), ["c", "b"]);
  deepEqual(store.traceIds({ serviceName: "emailer" }), ["c", "a"]);
  deepEqual(store.traceIds({ limit: 1 }), ["c"]);
});

Deno.test("SpanStore lists names once and in alphabetical order", () => {
  using store = new SpanStore(undefined);
  const localEndpoint = { serviceName: "mail-poller" };
  const remoteEndpoint = { serviceName: "mailtrap" };
  store.add([
    span("a", 1, { localEndpoint, remoteEndpoint, name: "fetch-message" }),
    span("a", 2, { localEndpoint, remoteEndpoint, name: "delete-message" }),
    span("a", 3, { localEndpoint: { serviceName: "emailer" }, name: "send-email" }),
  ]);
  deepEqual(store.serviceNames(), ["emailer", "mail-poller"]);
  deepEqual(store.spanNames("mail-poller"), ["delete-message", "fetch-message"]);
  deepEqual(store.remoteServiceNames("mail-poller"), ["mailtrap"]);
  equal(store.remoteServiceNames("emailer").length, 0);
});

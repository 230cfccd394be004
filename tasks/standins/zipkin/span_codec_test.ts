import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { decodeSpans } from "./span_codec.ts";

/** The span as it is stored, or why it is refused. */
function decodeOne(span: unknown): unknown {
  const decoded = decodeSpans(JSON.stringify([span]));
  return decoded.ok ? JSON.parse(JSON.stringify(decoded.spans[0])) : decoded.reason;
}

const IDS = { traceId: "0000000000000001", id: "0000000000000002" };

for (
  const { what, span, expected } of [
    {
      what: "normalizes a span as Zipkin does",
      span: {
        ...{ traceId: "dd01", id: "2", parentId: "1", name: "GET /Email", kind: "SERVER" },
        ...{ timestamp: "14", duration: 7, debug: true, shared: true, unknown: { x: [1] } },
        localEndpoint: { serviceName: "RabbitMQ", ipv4: "::1", port: "5672" },
        remoteEndpoint: {},
        annotations: [[3, "b"], [1, "a"], [3, "b"]].map(([timestamp, value]) => ({
          timestamp,
          value,
        })),
        tags: { z: "1", a: 2 },
      },
      expected: {
        ...{ traceId: "000000000000dd01", id: "0000000000000002", parentId: "0000000000000001" },
        ...{ name: "get /email", kind: "SERVER", timestamp: 14, duration: 7 },
        ...{ debug: true, shared: true },
        localEndpoint: { serviceName: "rabbitmq", ipv6: "::1", port: 5672 },
        annotations: [{ timestamp: 1, value: "a" }, { timestamp: 3, value: "b" }],
        tags: { a: "2", z: "1" },
      },
    },
    {
      what: "leaves out what is empty, null, zero or contradicts itself",
      span: {
        ...{ traceId: "1", id: "2", parentId: "2", name: "", kind: "CLIENT", timestamp: -5 },
        ...{ duration: 0, localEndpoint: null, tags: {}, annotations: [], debug: false },
        remoteEndpoint: { serviceName: "", ipv4: "localhost", port: 0 },
        shared: true,
      },
      expected: { ...IDS, kind: "CLIENT" },
    },
    {
      what: "takes zeros for the parent of a root, and for the upper half of a short trace id",
      span: { ...IDS, traceId: "0".repeat(16) + IDS.traceId, parentId: "0".repeat(16) },
      expected: IDS,
    },
    {
      what: "pads a trace id to 32 digits",
      span: { ...IDS, traceId: `1${"0".repeat(16)}` },
      expected: { ...IDS, traceId: `${"0".repeat(15)}1${"0".repeat(16)}` },
    },
    {
      what: "writes addresses in their family, in their shortest form",
      span: { ...IDS, localEndpoint: { ipv6: "::ffff:192.0.2.1", ipv4: "2001:DB8:0:0:0::1" } },
      expected: { ...IDS, localEndpoint: { ipv4: "192.0.2.1", ipv6: "2001:db8::1" } },
    },
    ...[["000", "id is all zeros"], ["0x1", "0x1 should be lower-hex encoded with no prefix"]]
      .map(([id, reason]) => ({
        what: `refuses the id ${id}`,
        span: { traceId: "1", id },
        expected: `${reason} reading List<Span> from json`,
      })),
  ]
) {
  Deno.test(`decodeSpans() ${what}`, () => deepEqual(decodeOne(span), expected));
}

Deno.test("decodeSpans() gives equal spans equal text, whatever the order of their members", () => {
  const left = { traceId: "1", id: "2", name: "a", tags: { x: "1", y: "2" }, timestamp: 3 };
  const right = { timestamp: 3, tags: { y: "2", x: "1" }, name: "A", id: "02", traceId: "001" };
  equal(JSON.stringify(decodeOne(left)), JSON.stringify(decodeOne(right)));
});

Deno.test("decodeSpans() keeps tags whose names JavaScript treats specially", () => {
  const decoded = decodeSpans('[{"traceId":"1","id":"2","tags":{"__proto__":"a","toString":"b"}}]');
  equal(decoded.ok && JSON.stringify(decoded.spans[0]?.tags), '{"__proto__":"a","toString":"b"}');
});

Deno.test("decodeSpans() answers every JSON list with spans or a reason, and never throws", () => {
  const member = fc.constantFrom(
    ...["traceId", "id", "parentId", "name", "kind", "timestamp", "duration", "localEndpoint"],
    ...["remoteEndpoint", "annotations", "tags", "debug", "shared", "serviceName", "ipv6", "port"],
  );
  const span = fc.dictionary(member, fc.jsonValue(), { noNullPrototype: true })
    .map((members) => ({ traceId: "1", id: "2", ...members }));
  fc.assert(fc.property(fc.array(span), (spans) => {
    const decoded = decodeSpans(JSON.stringify(spans));
    equal(decoded.ok ? decoded.spans.length : spans.length, spans.length);
  }));
});

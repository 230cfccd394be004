import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { decodeSpans } from "./span_codec.ts";

function decodeOne(span: unknown): unknown {
  const decoded = decodeSpans(JSON.stringify([span]));
  return decoded.ok ? decoded.spans[0] : decoded.reason;
}

Deno.test("decodeSpans() normalizes a span as Zipkin does", () => {
  deepEqual(
    decodeOne({
      traceId: "DD01".toLowerCase(),
      id: "2",
      parentId: "1",
      name: "GET /Email",
      kind: "SERVER",
      timestamp: "14",
      duration: 7,
      localEndpoint: { serviceName: "Message-Server" },
      remoteEndpoint: {},
      annotations: [{ timestamp: 3, value: "b" }, { timestamp: 1, value: "a" }, {
        timestamp: 3,
        value: "b",
      }],
      tags: { z: "1", a: 2 },
      debug: true,
      shared: true,
      unknown: { x: [1] },
    }),
    {
      traceId: "000000000000dd01",
      parentId: "0000000000000001",
      id: "0000000000000002",
      kind: "SERVER",
      name: "get /email",
      timestamp: 14,
      duration: 7,
      localEndpoint: { serviceName: "message-server" },
      annotations: [{ timestamp: 1, value: "a" }, { timestamp: 3, value: "b" }],
      tags: { a: "2", z: "1" },
      debug: true,
      shared: true,
    },
  );
});

Deno.test("decodeSpans() leaves out what is empty, null, zero or contradicts itself", () => {
  deepEqual(
    decodeOne({
      traceId: "1",
      id: "2",
      parentId: "2",
      name: "",
      kind: "CLIENT",
      timestamp: -5,
      duration: 0,
      localEndpoint: null,
      tags: {},
      annotations: [],
      debug: false,
      shared: true,
    }),
    { traceId: "0000000000000001", id: "0000000000000002", kind: "CLIENT" },
  );
});

Deno.test("decodeSpans() gives equal spans equal text, whatever the order of their members", () => {
  const left = { traceId: "1", id: "2", name: "a", tags: { x: "1", y: "2" }, timestamp: 3 };
  const right = { timestamp: 3, tags: { y: "2", x: "1" }, name: "A", id: "02", traceId: "001" };
  equal(JSON.stringify(decodeOne(left)), JSON.stringify(decodeOne(right)));
});

Deno.test("decodeSpans() keeps tags whose names JavaScript treats specially", () => {
  const body = '[{"traceId":"1","id":"2","tags":{"__proto__":"a","constructor":"b"}}]';
  const decoded = decodeSpans(body);
  equal(
    decoded.ok && JSON.stringify(decoded.spans[0]?.tags),
    '{"__proto__":"a","constructor":"b"}',
  );
});

Deno.test("decodeSpans() takes an empty body and an empty list for no spans", () => {
  deepEqual(decodeSpans(""), { ok: true, spans: [] });
  deepEqual(decodeSpans("[]"), { ok: true, spans: [] });
});

Deno.test("decodeSpans() refuses malformed spans in Zipkin's words", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["{}", "Expected a JSON_V2 encoded list\n"],
    ["null", "Expected a JSON_V2 encoded list\n"],
    [
      '[{"traceId":"1","id":"1","binaryAnnotations":[]}]',
      "Expected a JSON_V2 encoded list, but received: JSON_V1\n",
    ],
    ["[1]", "Malformed reading List<Span> from json"],
    ['[{"traceId":"1"', "Malformed reading List<Span> from json"],
    ["[{}]", "Missing : traceId id reading List<Span> from json"],
    [
      '[{"traceId":"1","id":"1","kind":"QUEUE"}]',
      "No enum constant zipkin2.Span.Kind.QUEUE reading List<Span> from json",
    ],
    [
      '[{"traceId":"1","id":"1","tags":{"a":null}}]',
      "No value at $[0].tags.a reading List<Span> from json",
    ],
    [
      '[{"traceId":"1","id":"1","timestamp":1.5}]',
      "Expected a long but was 1.5 at path $[0].timestamp reading List<Span> from json",
    ],
    [
      '[{"traceId":"1","id":"1","annotations":[{"value":"x"}]}]',
      "Incomplete annotation at $[0].annotations[0].value reading List<Span> from json",
    ],
  ];
  for (const [body, reason] of refused) deepEqual(decodeSpans(body), { ok: false, reason });
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

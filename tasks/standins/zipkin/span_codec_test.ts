import { equal } from "node:assert/strict";
import fc from "fast-check";
import { decodeSpans } from "./span_codec.ts";
import { InvalidRequestError } from "./span_fields.ts";

Deno.test("decodeSpans() gives equal spans equal text, whatever the order of their members", () => {
  const text = (span: unknown) => JSON.stringify(decodeSpans(JSON.stringify([span])));
  equal(
    text({ traceId: "1", id: "2", name: "a", tags: { x: "1", y: "2" }, timestamp: 3 }),
    text({ timestamp: 3, tags: { y: "2", x: "1" }, name: "A", id: "02", traceId: "001" }),
  );
});

Deno.test("decodeSpans() keeps tags whose names JavaScript treats specially", () => {
  const [span] = decodeSpans('[{"traceId":"1","id":"2","tags":{"__proto__":"a","toString":"b"}}]');
  equal(JSON.stringify(span?.tags), '{"__proto__":"a","toString":"b"}');
});

Deno.test("decodeSpans() answers every JSON list with its spans or a reason", () => {
  const member = fc.constantFrom(
    ...["traceId", "id", "parentId", "name", "kind", "timestamp", "duration", "localEndpoint"],
    ...["remoteEndpoint", "annotations", "tags", "debug", "shared", "serviceName", "ipv6", "port"],
  );
  const span = fc.dictionary(member, fc.jsonValue(), { noNullPrototype: true })
    .map((members) => ({ traceId: "1", id: "2", ...members }));
  fc.assert(fc.property(fc.array(span), (spans) => {
    try {
      equal(decodeSpans(JSON.stringify(spans)).length, spans.length);
    } catch (error) {
      if (!(error instanceof InvalidRequestError)) throw error;
    }
  }));
});

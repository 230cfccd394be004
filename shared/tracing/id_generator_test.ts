import { deepEqual, match, notEqual, throws } from "node:assert/strict";
import { PresetIdGenerator, type SpanIds } from "./id_generator.ts";

const IDS: SpanIds = { traceId: "463ac35c9f6413ad48485a3978bb5ecc", spanId: "a2fb4a1d1a96d312" };

function generate(ids: PresetIdGenerator): SpanIds {
  return { traceId: ids.generateTraceId(), spanId: ids.generateSpanId() };
}

Deno.test("PresetIdGenerator generates random ids of the right form", () => {
  const ids = new PresetIdGenerator();
  const [one, other] = [generate(ids), generate(ids)];
  match(one.traceId, /^[0-9a-f]{32}$/);
  match(one.spanId, /^[0-9a-f]{16}$/);
  notEqual(one.traceId, other.traceId);
  notEqual(one.spanId, other.spanId);
});

Deno.test("withIds() gives the ids inside and random ones afterwards", () => {
  const ids = new PresetIdGenerator();
  deepEqual(ids.withIds(IDS, () => generate(ids)), IDS);
  notEqual(ids.generateTraceId(), IDS.traceId);
  notEqual(ids.generateSpanId(), IDS.spanId);
});

Deno.test("withIds() forgets the ids when the start throws", () => {
  const ids = new PresetIdGenerator();
  throws(() =>
    ids.withIds(IDS, () => {
      throw new Error("no");
    }), /no/);
  notEqual(ids.generateSpanId(), IDS.spanId);
});

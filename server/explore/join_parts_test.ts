import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { joinParts } from "./join_parts.ts";
import { traceFactsOf } from "./trace_facts.ts";

const ID = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const [OWN, CUT, POLL] = ["a", "b", "c"].map((digit) => digit.repeat(32)) as [
  string,
  string,
  string,
];

function span(traceId: string, name: string, ms: number, rest: Partial<ZipkinSpan>): ZipkinSpan {
  return { traceId, name, id: `${ms}`, timestamp: ms * 1_000, duration: 1_000, ...rest };
}

const request = [
  span(OWN, "schedule-email", 1, {}),
  span(OWN, "amqp-publish", 2, {
    parentId: "1",
    kind: "PRODUCER",
    tags: { "messaging.message.id": ID },
  }),
];
const rest = [
  span(CUT, "emailer", 10, { tags: { correlation_id: ID, outcome: "delivered" } }),
  span(CUT, "archive-email", 20, { parentId: "10", tags: { correlation_id: ID } }),
];
const poll = [span(POLL, "store-message", 18, { tags: { correlation_id: ID } })];
const factsOf = (spans: readonly ZipkinSpan[]) =>
  traceFactsOf(spans, spans[0]?.traceId ?? "").emails;

Deno.test("joinParts() makes one email of the parts of a trace that is cut in two", () => {
  const [email, ...others] = joinParts([request, rest, poll].flatMap(factsOf));
  equal(others.length, 0);
  const { traceId, state, attempts, spanCount, archivedAfterMs, durationMs } = email?.summary ?? {};
  deepEqual([traceId, state?.name, attempts, spanCount], [OWN, "archived", ["done"], 4]);
  deepEqual([archivedAfterMs, durationMs], [20, 20]);
  deepEqual(email?.attemptKeys, [`${CUT}/10`]);
});

Deno.test("joinParts() leaves only the last attempt of linked traces open", () => {
  const failed = (traceId: string, ms: number) =>
    span(traceId, "emailer", ms, {
      tags: { correlation_id: ID, outcome: "retried", error: "451" },
    });
  const traces = [[...request, failed(OWN, 10)], [failed(CUT, 1_010)]];
  const [email, ...others] = joinParts(traces.flatMap(factsOf));
  equal(others.length, 0);
  deepEqual(email?.summary.attempts, ["failed", "failed", "open"]);
});

Deno.test("joinParts() keeps a part whose request nobody knows, and each request", () => {
  equal(joinParts(factsOf(rest)).length, 1);
  const again = request.map((one) => ({ ...one, traceId: POLL }));
  equal(joinParts([request, again].flatMap(factsOf)).length, 2);
});

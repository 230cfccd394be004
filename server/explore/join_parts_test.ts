import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  archived,
  attempted,
  emailIdOf,
  inTrace,
  polled,
  published,
  scheduled,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { joinParts } from "./join_parts.ts";
import { traceFactsOf } from "./trace_facts.ts";

const [CUT = "", POLL = ""] = ["b", "c"].map((digit) => digit.repeat(32));
const tags = { correlation_id: emailIdOf(1) };

const request = [scheduled(), published(1, { atMs: 5 })];
const rest = inTrace(CUT, [
  ...attempted(1, "delivered", { atMs: 100, tags }),
  archived({ atMs: 110, forMs: 90, tags }),
]);
const poll = inTrace(POLL, polled(1, { atMs: 160 })).map((span) => ({ ...span, tags }));
const factsOf = (spans: readonly ZipkinSpan[]) =>
  traceFactsOf(spans, spans[0]?.traceId ?? "").emails;

Deno.test("joinParts() makes one email of the parts of a trace that is cut in two", () => {
  const [email, ...others] = joinParts([request, rest, poll].flatMap(factsOf));
  equal(others.length, 0);
  const { traceId, state, attempts, spanCount, archivedAfterMs, durationMs } = email?.summary ?? {};
  deepEqual([traceId, state?.name, attempts, spanCount], [TRACE_ID, "archived", ["done"], 5]);
  deepEqual([archivedAfterMs, durationMs], [200, 200]);
  deepEqual(email?.attemptKeys, [`${CUT}/00000000000000c1`]);
});

Deno.test("joinParts() leaves only the last attempt of linked traces open", () => {
  const failed = (attempt: number, atMs: number) =>
    attempted(attempt, "retried", { atMs, error: "451", tags });
  const traces = [[...request, ...failed(1, 100)], inTrace(CUT, failed(2, 1_100))];
  const [email, ...others] = joinParts(traces.flatMap(factsOf));
  equal(others.length, 0);
  deepEqual(email?.summary.attempts, ["failed", "failed", "open"]);
});

Deno.test("joinParts() keeps a part whose request is unknown, and each request", () => {
  equal(joinParts(factsOf(rest)).length, 1);
  equal(joinParts([request, inTrace(POLL, request)].flatMap(factsOf)).length, 2);
});

import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, EXAMPLE_START_US } from "@playground/shared/testing";
import { matches, parseTraceQuery } from "./trace_query.ts";

const NOW_MS = EXAMPLE_START_US / 1_000 + 60_000;

Deno.test("parseTraceQuery() has Zipkin's defaults", () => {
  const query = parseTraceQuery(new URLSearchParams("spanName=all&serviceName="), NOW_MS);
  deepEqual(query, {
    serviceName: undefined,
    remoteServiceName: undefined,
    spanName: undefined,
    minDurationUs: undefined,
    maxDurationUs: undefined,
    annotations: new Map(),
    endMs: NOW_MS,
    lookbackMs: 86_400_000,
    limit: 10,
  });
});

const START_MS = EXAMPLE_START_US / 1_000;

for (
  const { parameters, isFound } of [
    { parameters: { serviceName: "rabbitmq", spanName: "send-email" }, isFound: false },
    { parameters: { serviceName: "emailer", remoteServiceName: "rabbitmq" }, isFound: false },
    { parameters: { annotationQuery: "http.method=POST and amqp.exchange = rpc" }, isFound: true },
    { parameters: { annotationQuery: "http.method=GET" }, isFound: false },
    { parameters: { annotationQuery: "toString" }, isFound: false },
    { parameters: { minDuration: "1000000", maxDuration: "1000001" }, isFound: false },
    { parameters: { minDuration: "280000", maxDuration: "280000" }, isFound: true },
    { parameters: { endTs: String(START_MS), lookback: "1" }, isFound: true },
    { parameters: { endTs: String(START_MS - 1) }, isFound: false },
    { parameters: { lookback: "59999" }, isFound: false },
  ]
) {
  const query = new URLSearchParams(parameters);
  Deno.test(`matches() ${isFound ? "finds" : "does not find"} the example by ${query}`, () => {
    equal(matches(parseTraceQuery(query, NOW_MS), EMAIL_TRACE), isFound);
  });
}

Deno.test("matches() never finds a trace without timestamps", () => {
  const query = parseTraceQuery(new URLSearchParams(), NOW_MS);
  equal(matches(query, [{ traceId: "a", id: "1" }]), false);
});

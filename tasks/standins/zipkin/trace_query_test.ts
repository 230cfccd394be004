import { deepEqual, equal, throws } from "node:assert/strict";
import { EMAIL_TRACE, EXAMPLE_START_US } from "@playground/shared/testing";
import { InvalidRequestError } from "./invalid_request_error.ts";
import { matches, parseTraceQuery } from "./trace_query.ts";

const NOW_MS = EXAMPLE_START_US / 1_000 + 60_000;

function isFound(parameters: Record<string, string>): boolean {
  return matches(parseTraceQuery(new URLSearchParams(parameters), NOW_MS), EMAIL_TRACE);
}

Deno.test("parseTraceQuery() has Zipkin's defaults", () => {
  deepEqual(parseTraceQuery(new URLSearchParams("spanName=all&serviceName="), NOW_MS), {
    annotations: new Map(),
    endMs: NOW_MS,
    lookbackMs: 86_400_000,
    limit: 10,
  });
});

Deno.test("parseTraceQuery() refuses what makes no sense, in Zipkin's words", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["limit=x", 'For input string: "x"'],
    ["limit=0", "limit <= 0"],
    ["endTs=0", "endTs <= 0"],
    ["lookback=-1", "lookback <= 0"],
    ["minDuration=0", "minDuration <= 0"],
    ["maxDuration=5", "maxDuration is only valid with minDuration"],
    ["minDuration=9&maxDuration=5", "maxDuration < minDuration"],
  ];
  for (const [query, message] of refused) {
    throws(
      () => parseTraceQuery(new URLSearchParams(query), NOW_MS),
      new InvalidRequestError(message),
    );
  }
});

Deno.test("matches() finds a trace by any of its services, and case does not count", () => {
  equal(isFound({ serviceName: "Emailer" }), true);
  equal(isFound({ serviceName: "unknown" }), false);
});

Deno.test("matches() holds the other conditions against the service's own spans", () => {
  equal(isFound({ serviceName: "emailer", spanName: "send-email" }), true);
  equal(isFound({ serviceName: "rabbitmq", spanName: "send-email" }), false);
  equal(isFound({ serviceName: "emailer", remoteServiceName: "mailtrap" }), true);
  equal(isFound({ serviceName: "emailer", remoteServiceName: "rabbitmq" }), false);
});

Deno.test("matches() finds a trace by tags", () => {
  equal(isFound({ annotationQuery: "http.method=POST" }), true);
  equal(isFound({ annotationQuery: "http.method" }), true);
  equal(isFound({ annotationQuery: "http.method=GET" }), false);
  equal(isFound({ annotationQuery: "http.method=POST and amqp.exchange = rpc" }), true);
  equal(isFound({ annotationQuery: "http.method and error" }), false);
  equal(isFound({ annotationQuery: "toString" }), false);
});

Deno.test("matches() finds a trace by the duration of one of its spans", () => {
  equal(isFound({ minDuration: "1000000" }), true);
  equal(isFound({ minDuration: "1000000", maxDuration: "1000001" }), false);
  equal(isFound({ minDuration: "280000", maxDuration: "280000" }), true);
});

Deno.test("matches() finds a trace whose root started within the range", () => {
  const startMs = String(EXAMPLE_START_US / 1_000);
  equal(isFound({ endTs: startMs, lookback: "1" }), true);
  equal(isFound({ endTs: String(EXAMPLE_START_US / 1_000 - 1) }), false);
  equal(isFound({ lookback: "59999" }), false);
});

Deno.test("matches() never finds a trace without timestamps", () => {
  const query = parseTraceQuery(new URLSearchParams(), NOW_MS);
  equal(matches(query, [{ traceId: "a", id: "1" }]), false);
});

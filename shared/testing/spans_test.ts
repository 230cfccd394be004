import { deepEqual, equal, throws } from "node:assert/strict";
import { startTestTracing } from "./mod.ts";

Deno.test("getSpan() finds the one span of a name as soon as it has ended", async () => {
  await using test = startTestTracing({ serviceName: "emailer" });
  await test.tracing.inSpan("send-email", {}, (span) => {
    span.setAttribute("attempt", 2);
  });

  equal(test.exporter.getSpan("send-email").attributes.attempt, 2);
  equal(test.exporter.getZipkinSpan("send-email").localEndpoint?.serviceName, "emailer");
});

Deno.test("getSpan() throws when there is no span of the name, and names the others", async () => {
  await using test = startTestTracing();
  await test.tracing.inSpan("poll-email", {}, () => {});

  throws(() => test.exporter.getSpan("send-email"), /the ended spans are \[poll-email\]/);
});

Deno.test("getSpan() throws when there are several spans of the name", async () => {
  await using test = startTestTracing();
  for (let i = 0; i < 2; i++) await test.tracing.inSpan("fetch-message", {}, () => {});

  throws(() => test.exporter.getSpan("fetch-message"), /exactly one/);
  equal(test.exporter.getSpans("fetch-message").length, 2);
});

Deno.test("startTestTracing() keeps no span of a trace that is not sampled", async () => {
  await using test = startTestTracing({ sampleRatio: 0 });
  await test.tracing.inSpan("send-email", {}, () => {});

  deepEqual(test.exporter.spans, []);
});

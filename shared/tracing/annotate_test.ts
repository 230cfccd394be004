import { deepEqual, equal } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { annotateActiveSpan } from "./annotate.ts";

/** The span around some work, in Zipkin's form. */
async function spanWith(work: () => void) {
  await using test = startTestTracing();
  await test.tracing.inSpan("emailer", {}, work);
  return test.exporter.getZipkinSpan("emailer");
}

Deno.test("annotateActiveSpan() writes into the span, at a time within it", async () => {
  const span = await spanWith(() => annotateActiveSpan(() => "INFO Delivered"));
  const { timestamp: startUs = 0, duration: durationUs = 0, annotations: [annotation] = [] } = span;
  equal(annotation?.value, "INFO Delivered");
  const atUs = (annotation?.timestamp ?? 0) - startUs;
  equal(atUs >= 0 && atUs <= durationUs, true, `${atUs} of ${durationUs} µs`);
});

Deno.test("annotateActiveSpan() leaves the last eight of a span", async () => {
  const span = await spanWith(() => {
    for (let index = 1; index <= 9; index++) annotateActiveSpan(() => `${index}`);
  });
  deepEqual(span.annotations?.map(({ value }) => value), [..."23456789"]);
});

Deno.test.each([
  { name: "keeps 256 bytes", text: "ä".repeat(128), expected: "ä".repeat(128) },
  { name: "cuts 257 bytes", text: "a".repeat(257), expected: `${"a".repeat(253)}…` },
  { name: "cuts no character in two", text: "🦊".repeat(65), expected: `${"🦊".repeat(63)}…` },
])("annotateActiveSpan() $name", async ({ text, expected }) => {
  const span = await spanWith(() => annotateActiveSpan(() => text));
  equal(span.annotations?.[0]?.value, expected);
});

Deno.test("annotateActiveSpan() makes no text where there is no span", () => {
  annotateActiveSpan(() => {
    throw new Error("There is no span");
  });
});

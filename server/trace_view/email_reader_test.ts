import { deepEqual, equal, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { emailIdOf, firstAttempt, scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { createEmailReader } from "./email_reader.ts";

function start(spans: readonly ZipkinSpan[]) {
  const { asked, api } = new FakeCollector(spans);
  return { asked, reader: createEmailReader(api, () => undefined) };
}

Deno.test("createEmailReader() answers all who ask the same at once with one reading", async () => {
  const { asked, reader } = start([scheduled()]);
  const results = await Promise.all(Array.from({ length: 50 }, () => reader.trace(TRACE_ID)));
  equal(new Set(results).size, 1);
  deepEqual(asked.map(({ pathname }) => pathname), [`/api/v2/trace/${TRACE_ID}`, "/api/v2/traces"]);
  await reader.trace(TRACE_ID);
  equal(asked.length, 4);
});

Deno.test("createEmailReader() finds the one dead letter among the emails of a long trace", async () => {
  const COUNT = 400;
  const DEAD = 200;
  const spans = Array.from({ length: COUNT }, (_, number) => {
    const outcome = number === DEAD ? "dead-lettered" : "delivered";
    return firstAttempt(outcome, number === DEAD ? { error: "550" } : {}).map((
      { id, parentId, tags, ...rest },
    ): ZipkinSpan => ({
      ...rest,
      id: `${number}${id.slice(-2)}`,
      ...(parentId === undefined ? {} : { parentId: `${number}${parentId.slice(-2)}` }),
      tags: rest.kind === "PRODUCER" ? { "messaging.message.id": emailIdOf(number) } : { ...tags },
    }));
  }).flat();
  const { reader } = start(spans);
  const whole = await reader.trace(TRACE_ID);
  ok(whole.status === "found");
  deepEqual([whole.trace.state, whole.trace.emailId], [
    { name: "dead-lettered", reason: "550" },
    emailIdOf(DEAD),
  ]);
  equal(whole.trace.emails.length, COUNT);
  const one = await reader.trace(TRACE_ID, emailIdOf(DEAD));
  ok(one.status === "found");
  deepEqual([one.trace.state?.name, one.trace.spans.length], ["dead-lettered", 5]);
});

import { deepEqual, equal, ok } from "node:assert/strict";
import { emailIdOf, firstAttempt, ofEmail, scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";

Deno.test("createEmailReader() answers all who ask the same at once with one reading", async () => {
  const collector = new FakeCollector([scheduled()]);
  const reader = collector.reader();
  const results = await Promise.all(Array.from({ length: 50 }, () => reader.trace(TRACE_ID)));
  equal(new Set(results).size, 1);
  equal(collector.asked.length, 2);
  await reader.trace(TRACE_ID);
  equal(collector.asked.length, 4);
});

Deno.test("createEmailReader() finds the one dead letter among the emails of a long trace", async () => {
  const [COUNT, DEAD] = [400, 200];
  const spans = Array.from({ length: COUNT }, (_, number) => {
    const isDead = number === DEAD;
    const steps = firstAttempt(
      isDead ? "dead-lettered" : "delivered",
      isDead ? { error: "550" } : {},
    );
    return ofEmail(number, steps);
  }).flat();
  const reader = new FakeCollector(spans).reader();
  const [whole, one] = [
    await reader.trace(TRACE_ID),
    await reader.trace(TRACE_ID, emailIdOf(DEAD)),
  ];
  ok(whole.status === "found" && one.status === "found");
  deepEqual(
    [whole.trace.state, whole.trace.emailId, whole.trace.emails.length],
    [{ name: "dead-lettered", reason: "550" }, emailIdOf(DEAD), COUNT],
  );
  deepEqual([one.trace.state?.name, one.trace.spans.length], ["dead-lettered", 5]);
});

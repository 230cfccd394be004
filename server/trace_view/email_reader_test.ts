import { deepEqual, equal, ok } from "node:assert/strict";
import { emailIdOf, firstAttempt, ofEmail, scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { createEmailReader } from "./email_reader.ts";
import { ZipkinApi } from "./zipkin_api.ts";

Deno.test("createEmailReader() answers all who ask the same at once with one reading", async () => {
  const collector = new FakeCollector([scheduled()]);
  const reader = collector.reader();
  const results = await Promise.all(Array.from({ length: 50 }, () => reader.trace(TRACE_ID)));
  equal(new Set(results).size, 1);
  equal(collector.asked.length, 2);
  await reader.trace(TRACE_ID);
  equal(collector.asked.length, 4);
});

Deno.test("createEmailReader() asks for few traces at a time, whoever asks for however many", async () => {
  let [runningCount, mostCount] = [0, 0];
  const api = new ZipkinApi(new URL("http://collector.example"), async () => {
    mostCount = Math.max(mostCount, ++runningCount);
    await new Promise((resolve) => setTimeout(resolve));
    runningCount--;
    return new Response("", { status: 404 });
  });
  const reader = createEmailReader(api, () => undefined);
  const ids = Array.from({ length: 20 }, (_, index) => String(index).padStart(32, "1"));
  const results = await Promise.all(ids.map((id) => reader.trace(id)));
  deepEqual([mostCount, new Set(results.map(({ status }) => status))], [3, new Set(["unknown"])]);
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

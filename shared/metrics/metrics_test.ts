import { equal, match, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { Metrics } from "./metrics.ts";
import { metricsDocument } from "./metrics_document.ts";

async function textOf(metrics: Metrics): Promise<string> {
  const response = await metrics.answer(new Request("http://127.0.0.1/metrics"));
  ok(response !== undefined);
  return await response.text();
}

Deno.test("answer() has what was counted, measured and observed", async () => {
  await using metrics = new Metrics({ "service.name": "emailer" });
  metrics.counter("playground.email.attempts").add(2, { outcome: "delivered" });
  metrics.histogram("playground.smtp.duration").record(0.2, { outcome: "accepted" });
  metrics.observe("playground.dead_letters", () => 3);
  metrics.observe(
    "playground.retries.waiting",
    () => Promise.resolve([{ value: 1, attributes: { delay: "5s" } }]),
  );
  metrics.observe("playground.spans.lost", () => 7);
  const lines = (await textOf(metrics)).split("\n");
  for (
    const line of [
      'playground_email_attempts_total{outcome="delivered"} 2',
      'playground_smtp_duration_bucket{outcome="accepted",le="0.5"} 1',
      'playground_smtp_duration_bucket{outcome="accepted",le="0.1"} 0',
      "playground_dead_letters 3",
      'playground_retries_waiting{delay="5s"} 1',
      "playground_spans_lost_total 7",
      'target_info{service_name="emailer"} 1',
    ]
  ) ok(lines.includes(line), `${line} is not in\n${lines.join("\n")}`);
});

Deno.test("answer() leaves out what cannot be told", async () => {
  await using metrics = new Metrics({ "service.name": "emailer" });
  metrics.observe("playground.dead_letters", () => Promise.reject(new Error("RabbitMQ is away")));
  metrics.observe("playground.sending.paused", () => 0);
  const text = await textOf(metrics);
  match(text, /playground_sending_paused 0/);
  ok(!/^playground_dead_letters/m.test(text), text);
});

Deno.test("answer() takes GET and HEAD of /metrics only", async () => {
  await using metrics = new Metrics({ "service.name": "emailer" });
  equal(metrics.answer(new Request("http://127.0.0.1/readyz")), undefined);
  const response = await metrics.answer(
    new Request("http://127.0.0.1/metrics", { method: "POST" }),
  );
  equal(response?.status, 405);
});

integrationTest("metrics.md says what the catalogue says", async () => {
  equal(
    await Deno.readTextFile(new URL("metrics.md", import.meta.url)),
    metricsDocument(),
    "write it anew: deno run --allow-write=shared/metrics/metrics.md shared/metrics/metrics_document.ts",
  );
});

import { equal, match, ok } from "node:assert/strict";
import { Metrics } from "./metrics.ts";

async function textOf(metrics: Metrics): Promise<string> {
  const response = await metrics.answer(new Request("http://127.0.0.1/metrics"));
  ok(response !== undefined);
  return await response.text();
}

Deno.test("answer() has all counts, measurements and observations", async () => {
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

Deno.test("answer() leaves out an unreadable value for all concurrent callers", async () => {
  await using metrics = new Metrics({ "service.name": "emailer" });
  let isAway = false;
  metrics.observe("playground.dead_letters", async () => {
    await Promise.resolve();
    if (isAway) throw new Error("RabbitMQ is away");
    return [{ value: 3 }];
  });
  metrics.observe("playground.sending.paused", () => 0);
  const texts = await Promise.all([textOf(metrics), textOf(metrics), textOf(metrics)]);
  ok(texts.every((text) => /^playground_dead_letters 3$/m.test(text)), texts.join(""));
  isAway = true;
  const text = await textOf(metrics);
  match(text, /playground_sending_paused 0/);
  ok(!/^playground_dead_letters/m.test(text), text);
});

Deno.test("answer() makes valid Prometheus labels of any resource", async () => {
  const resource = { "a.b": "1", a_b: "2", "4x": "3", "a/ü.c": '"\n' };
  await using metrics = new Metrics(resource);
  match(await textOf(metrics), /^target_info\{a_b="2",_4x="3",a_c="\\"\\n"\} 1$/m);
});

Deno.test("answer() takes GET and HEAD of /metrics only", async () => {
  await using metrics = new Metrics({ "service.name": "emailer" });
  equal(metrics.answer(new Request("http://127.0.0.1/readyz")), undefined);
  const posted = new Request("http://127.0.0.1/metrics", { method: "POST" });
  equal((await metrics.answer(posted))?.status, 405);
});

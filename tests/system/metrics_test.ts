/**
 * The metrics of the running services: all that the catalogue has, and nothing else.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import {
  type MetricDefinition,
  METRICS,
  prometheusName,
} from "@playground/shared/metrics/catalogue";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { acceptEmail } from "../fixture/emails.ts";
import { type ServiceProcess, type Services, startServices } from "../fixture/service_process.ts";
import { connect } from "amqplib";
import { takeSteps } from "../fixture/steps.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { isIn, traceUntil } from "../fixture/test_system.ts";

const DEFINITIONS: Readonly<Record<string, MetricDefinition>> = METRICS;

async function scrape({ url }: ServiceProcess): Promise<string> {
  const response = await fetch(`${url}/metrics`);
  equal(response.status, 200);
  match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  return await response.text();
}

function namesIn(text: string): readonly string[] {
  const names = text.matchAll(/^# TYPE (?<name>\S+) /gm).map(({ groups }) => groups?.name ?? "");
  return [...names].filter((name) => name !== "target_info").toSorted();
}

integrationTest("/metrics of each service", async (context) => {
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
  const { AMQP_URL = "" } = variables;
  const proxy = resources.use(new TcpProxy(AMQP_URL));
  const environment = {
    ...variables,
    AMQP_URL: proxy.url,
    POLL_INTERVAL_SECONDS: "1",
    RETRY_DELAYS: "1h",
  };
  const services = resources.use(await startServices(SERVICE_NAMES, { environment }));
  await takeSteps(context, services, {
    "has what metrics.md says": hasWhatMetricsMdSays,
    "bears a queue that is missing, and a broker that hangs": async ({ emailer }) => {
      await bearsAMissingQueue(emailer, AMQP_URL);
      await bearsAHangingBroker(emailer, proxy);
    },
  });
});

async function hasWhatMetricsMdSays(running: Services<ServiceName>): Promise<void> {
  const services = SERVICE_NAMES.map((name) => running[name]);
  const { "message-server": server, emailer } = running;
  const email = await acceptEmail(server);
  await acceptEmail(server, { recipient: { address: "bounce+550+no@example.com" } });
  await acceptEmail(server, { recipient: { address: "bounce+451+later@example.com" } });
  const refused = await fetch(`${server.url}/email`, { method: "POST", body: "{" });
  equal(refused.status, 415);
  await refused.body?.cancel();
  await traceUntil(server.client, email.traceId, isIn("archived"));
  await waitFor(
    "the others are settled",
    async () => /playground_retries_waiting\{delay="1h"\} 1/.test(await scrape(emailer)),
  );

  for (const service of services) {
    const expected = Object.entries(DEFINITIONS)
      .filter(([, { services }]) => services.some((name) => name === service.name))
      .map(([name, definition]) => prometheusName(name, definition));
    deepEqual(namesIn(await scrape(service)), expected.toSorted(), service.name);
  }
  const told = (await Promise.all(services.map(scrape))).join("");
  for (
    const line of [
      "playground_email_accepted_total 3",
      'playground_email_refused_total{reason="Unsupported media type"} 1',
      'playground_email_attempts_total{outcome="delivered"} 1',
      'playground_email_attempts_total{outcome="dead-lettered"} 1',
      'playground_email_attempts_total{outcome="retried"} 1',
      "playground_queue_messages 0",
      "playground_dead_letters 1",
      "playground_sending_paused 0",
      "playground_mail_archived_total 1",
      "playground_inbox_withheld 0",
    ]
  ) ok(told.split("\n").includes(line), `${line} is not in\n${told}`);
  equal(told.match(/^playground_ready 1$/gm)?.length, 3);
  ok(!told.includes(email.id) && !told.includes("@"), "an id or an address is in the metrics");
}

async function bearsAMissingQueue(emailer: ServiceProcess, amqpUrl: string): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  await channel.deleteQueue(DEAD_LETTER_QUEUE);
  await connection.close();
  ok(!/^playground_dead_letters/m.test(await scrape(emailer)), "it tells what is not there");
  await waitFor(
    "the queue is declared again",
    async () => /^playground_dead_letters 0$/m.test(await scrape(emailer)),
  );
  const connected = emailer.lines.filter((line) => line.includes("Connected to RabbitMQ"));
  equal(connected.length, 1, "the connection was closed");
}

async function bearsAHangingBroker(emailer: ServiceProcess, proxy: TcpProxy): Promise<void> {
  proxy.freeze();
  const startMs = performance.now();
  const told = await Promise.all(Array.from({ length: 10 }, () => scrape(emailer)));
  ok(performance.now() - startMs < 5_000);
  ok(
    told.every((text) => !/^playground_queue_messages/m.test(text)),
    "it tells what it cannot know",
  );
  proxy.thaw();
  await waitFor(
    "the broker is asked again",
    async () => /^playground_queue_messages 0$/m.test(await scrape(emailer)),
  );
}

/**
 * The metrics of the running services: all that the catalogue has, and nothing else; and what `compose.yaml` gives to Prometheus
 * and Grafana, in a real Prometheus beside them: each query of the dashboard and each alert rule is answered, and an outage fires
 * its alert.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { integrationTest, runProgram, temporaryFolder, waitFor } from "@playground/shared/testing";
import {
  type MetricDefinition,
  METRICS,
  prometheusName,
} from "@playground/shared/metrics/catalogue";
import { ROOT } from "@playground/tasks/running-system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { connect } from "amqplib";
import { parse } from "yaml";
import { ExternalProcess } from "../chaos/own/external_process.ts";
import { acceptEmail, BOUNCING, emailTo } from "../fixture/emails.ts";
import { freePort } from "../fixture/ports.ts";
import { optionsWith, testVariable } from "../fixture/real_components.ts";
import {
  answersOk,
  type ServiceProcess,
  type Services,
  startServices,
} from "../fixture/service_process.ts";
import { takeSteps } from "../fixture/steps.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { isIn, traceUntil } from "../fixture/test_system.ts";

const DEFINITIONS = Object.entries<MetricDefinition>(METRICS);

/** All services, with a proxy before their broker. */
async function startMeasuredServices(resources: AsyncDisposableStack) {
  const { variables } = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
  const { AMQP_URL: amqpUrl = "" } = variables;
  const proxy = resources.use(new TcpProxy(amqpUrl));
  const environment = {
    ...variables,
    AMQP_URL: proxy.url,
    POLL_INTERVAL_SECONDS: "1",
    RETRY_DELAYS: "1h",
  };
  const services = resources.use(await startServices(SERVICE_NAMES, { environment }));
  return { services, proxy, amqpUrl };
}

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
  const { services, proxy, amqpUrl } = await startMeasuredServices(resources);
  await takeSteps(context, services, {
    "has what metrics.md says": hasWhatMetricsMdSays,
    "bears a queue that is missing, and a broker that hangs": async ({ emailer }) => {
      await bearsAMissingQueue(emailer, amqpUrl);
      await bearsAHangingBroker(emailer, proxy);
    },
  });
});

async function hasWhatMetricsMdSays(running: Services<ServiceName>): Promise<void> {
  const services = SERVICE_NAMES.map((name) => running[name]);
  const { "message-server": server, emailer } = running;
  const email = await acceptEmail(server);
  await acceptEmail(server, BOUNCING);
  await acceptEmail(server, emailTo("bounce+451+later@example.com"));
  const refused = await fetch(`${server.url}/email`, { method: "POST", body: "{" });
  equal(refused.status, 415);
  await refused.body?.cancel();
  await traceUntil(server.client, email.traceId, isIn("archived"));
  await waitFor(
    "the others are settled",
    async () => /playground_retries_waiting\{delay="1h"\} 1/.test(await scrape(emailer)),
  );

  for (const service of services) {
    const expected = DEFINITIONS
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
  // The scrape itself may make the emailer declare its queues again before it counts them.
  await waitFor("it does not tell what is not there", async () => {
    await channel.deleteQueue(DEAD_LETTER_QUEUE);
    return !/^playground_dead_letters/m.test(await scrape(emailer));
  });
  await connection.close();
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
  // One after the other, they would take three seconds each.
  ok(performance.now() - startMs < 15_000);
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

const FOLDER = join(ROOT, "tasks", "compose", "metrics");
/** The folder of prometheus and promtool. */
const binaries = testVariable("TEST_PROMETHEUS");
const options = optionsWith("TEST_PROMETHEUS");

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

async function readRules(): Promise<readonly Rule[]> {
  const { groups }: { groups: readonly { rules: readonly Rule[] }[] } = parse(
    await Deno.readTextFile(join(FOLDER, "rules.yml")),
  );
  return groups.flatMap(({ rules }) => rules);
}

async function readQueries(): Promise<readonly string[]> {
  const { panels }: { panels: readonly { targets?: readonly { expr: string }[] }[] } = JSON.parse(
    await Deno.readTextFile(join(FOLDER, "dashboard.json")),
  );
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

async function promtool(...args: readonly string[]): Promise<void> {
  const { code, output } = await runProgram(join(binaries ?? "", "promtool"), args);
  equal(code, 0, output);
}

integrationTest(
  "the dashboard and the rules name only metrics that the services have",
  async () => {
    const known = new Set(
      DEFINITIONS.flatMap(([name, definition]) => {
        const base = prometheusName(name, definition);
        return definition.instrument === "histogram" ? [`${base}_bucket`, `${base}_count`] : [base];
      }),
    );
    const expressions = [...await readQueries(), ...(await readRules()).map(({ expr }) => expr)];
    const named = expressions.flatMap((text) =>
      text.match(/\b(?:playground|http|messaging|db)_[a-z_]*(?=[{[) ]|$)/g) ?? []
    ).filter((name) => !/^http_route$/.test(name));
    deepEqual([...new Set(named)].filter((name) => !known.has(name)), []);
  },
);

integrationTest("the alert rules fire when they should (real Prometheus)", async () => {
  await promtool("check", "rules", join(FOLDER, "rules.yml"));
  await promtool("test", "rules", join(FOLDER, "rules_test.yml"));
  const tested = await Deno.readTextFile(join(FOLDER, "rules_test.yml"));
  for (const { alert } of await readRules()) {
    ok(new RegExp(`alertname: ${alert}\\n +exp_alerts`).test(tested), `${alert} has no test`);
  }
}, options);

/** A Prometheus that asks these services often, with alerts that do not wait. */
async function startPrometheus(
  services: Services<ServiceName>,
  resources: AsyncDisposableStack,
): Promise<string> {
  const { path: directory } = resources.use(await temporaryFolder());
  const given = await Deno.readTextFile(join(FOLDER, "prometheus.yml"));
  const configuration = given
    .replaceAll(/15s/g, "1s")
    .replaceAll("/etc/prometheus", directory)
    .replaceAll(
      /dns_sd_configs: \[\{ names: \[(?<name>[\w-]+)\].*/g,
      (_, name: ServiceName) =>
        `static_configs: [{ targets: ["${new URL(services[name].url).host}"] }]`,
    );
  const rules = await Deno.readTextFile(join(FOLDER, "rules.yml"));
  await Deno.writeTextFile(join(directory, "prometheus.yml"), configuration);
  await Deno.writeTextFile(join(directory, "rules.yml"), rules.replaceAll(/for: \d+m/g, "for: 0s"));
  await Deno.writeTextFile(join(directory, "api-token"), "none");
  const address = `127.0.0.1:${freePort()}`;
  resources.use(
    new ExternalProcess({
      name: "prometheus",
      program: join(binaries ?? "", "prometheus"),
      args: [
        `--config.file=${join(directory, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(directory, "data")}`,
        `--web.listen-address=${address}`,
      ],
      onLine: () => {},
    }),
  );
  const url = `http://${address}`;
  await waitFor("Prometheus is ready", () => answersOk(`${url}/-/ready`));
  return url;
}

integrationTest(
  "Prometheus answers each query of the dashboard, and an outage fires its alert (real Prometheus)",
  async () => {
    await using resources = new AsyncDisposableStack();
    const { services, proxy } = await startMeasuredServices(resources);
    const server = services["message-server"];
    const prometheus = await startPrometheus(services, resources);
    const ask = async (query: string) => {
      const response = await fetch(`${prometheus}/api/v1/query`, {
        method: "POST",
        body: new URLSearchParams({ query: query.replaceAll("$__rate_interval", "1m") }),
      });
      const text = await response.text();
      equal(response.status, 200, `${query}: ${text}`);
      const { data }: { data: { result: readonly unknown[] } } = JSON.parse(text);
      return data.result;
    };
    const firing = async () => {
      const response = await fetch(`${prometheus}/api/v1/alerts`);
      const { data }: { data: { alerts: readonly { labels: { alertname: string } }[] } } =
        await response.json();
      return data.alerts.map(({ labels }) => labels.alertname);
    };

    await waitFor("all are asked", async () => (await ask("up == 1")).length === 3);
    // A rate needs two values: one before and one after.
    for (const count of [1, 2]) {
      const email = await acceptEmail(server);
      await traceUntil(server.client, email.traceId, isIn("archived"));
      const archived = `playground_mail_archived_total == ${count}`;
      await waitFor("it is counted", async () => (await ask(archived)).length === 1);
    }
    for (const query of await readQueries()) {
      // There are no refusals and no failures to count.
      if (/refused|error_type|outcome!=/.test(query)) {
        await ask(query);
      } else {
        await waitFor(`${query} has an answer`, async () => (await ask(query)).length > 0);
      }
    }
    for (const { expr } of await readRules()) await ask(expr);
    deepEqual(await firing(), []);

    proxy.refuse();
    await waitFor("the alert fires", async () => (await firing()).includes("BrokerAway"));
  },
  options,
);

/**
 * What `compose.yaml` gives to Prometheus and Grafana, in a real Prometheus beside the running services: each query of the dashboard
 * and each alert rule is answered, and an outage fires its alert.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import {
  type MetricDefinition,
  METRICS,
  prometheusName,
} from "@playground/shared/metrics/catalogue";
import { ROOT } from "@playground/tasks/running-system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { SERVICE_NAMES, type ServiceName } from "@playground/tasks/system";
import { parse } from "yaml";
import { optionsWith, testVariable } from "../fixture/contract_targets.ts";
import { acceptEmail } from "../fixture/emails.ts";
import { answersOk, type Services, startServices } from "../fixture/service_process.ts";
import { freePort } from "../fixture/ports.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { isIn, traceUntil } from "../fixture/test_system.ts";

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

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(join(binaries ?? "", program), {
    args: [...args],
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  ok(success, text);
}

integrationTest(
  "the dashboard and the rules name only metrics that the services have",
  async () => {
    const definitions: Readonly<Record<string, MetricDefinition>> = METRICS;
    const known = new Set(
      Object.entries(definitions).flatMap(([name, definition]) => {
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
  await run("promtool", ["check", "rules", join(FOLDER, "rules.yml")]);
  await run("promtool", ["test", "rules", join(FOLDER, "rules_test.yml")]);
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
  const process = new Deno.Command(join(binaries ?? "", "prometheus"), {
    args: [
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${address}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  resources.defer(async () => {
    process.kill();
    await process.status;
  });
  const url = `http://${address}`;
  await waitFor("Prometheus is ready", () => answersOk(`${url}/-/ready`), 20_000);
  return url;
}

integrationTest(
  "Prometheus answers each query of the dashboard, and an outage fires its alert (real Prometheus)",
  async () => {
    await using resources = new AsyncDisposableStack();
    const standIns = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
    const proxy = resources.use(new TcpProxy(standIns.variables.AMQP_URL));
    const environment = { ...standIns.variables, AMQP_URL: proxy.url, POLL_INTERVAL_SECONDS: "1" };
    const services = resources.use(await startServices(SERVICE_NAMES, { environment }));
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

    await waitFor("all are asked", async () => (await ask("up == 1")).length === 3, 20_000);
    // A rate needs two values: one before and one after.
    const email = await acceptEmail(server);
    await traceUntil(server.client, email.traceId, isIn("archived"));
    const archived = "playground_mail_archived_total == 1";
    await waitFor("it is counted", async () => (await ask(archived)).length === 1, 20_000);
    const second = await acceptEmail(server);
    await traceUntil(server.client, second.traceId, isIn("archived"));
    for (const query of await readQueries()) {
      // Nothing was refused, and nothing has failed.
      if (
        query.includes("refused") || query.includes("error_type") || query.includes("outcome!=")
      ) {
        await ask(query);
      } else {
        await waitFor(`${query} has an answer`, async () => (await ask(query)).length > 0, 20_000);
      }
    }
    for (const { expr } of await readRules()) await ask(expr);
    deepEqual(await firing(), []);

    proxy.refuse();
    await waitFor("the alert fires", async () => (await firing()).includes("BrokerAway"), 30_000);
  },
  options,
);

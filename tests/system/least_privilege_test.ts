/**
 * The permissions that a service is started with: they suffice for the journey, and nothing more is granted.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Environment, variablesOf } from "@playground/shared/configuration";
import { integrationTest } from "@playground/shared/testing";
import { accessOf, type ServiceName, SERVICES } from "@playground/tasks/system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { acceptEmail, emailTo } from "../fixture/emails.ts";
import { ServiceProcess } from "../fixture/service_process.ts";
import { isIn, traceUntil } from "../fixture/test_system.ts";

const QUICK = { POLL_INTERVAL_SECONDS: "1", RETRY_DELAYS: "200ms", MAX_ATTEMPTS: "2" };

/** What the services ask for, are refused, and do without. */
const DONE_WITHOUT: Readonly<Record<ServiceName, readonly string[]>> = {
  "message-server": [],
  emailer: [],
  // The MongoDB driver would tell the server which operating system it runs on.
  "mail-poller": ["sys osRelease"],
};

interface AuditEntry {
  readonly permission: string;
  readonly value: string | null;
}

/** What a service has used, as `net HOST:PORT` and the like, each once. */
async function usedPermissions(path: string): Promise<readonly string[]> {
  const lines = (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  const used = lines.map((line) => {
    const { permission, value }: AuditEntry = JSON.parse(line);
    // What `fetch` asks for is told as an address.
    const target = value?.startsWith("http") ? new URL(value).host : value;
    return `${permission} ${target}`;
  });
  return [...new Set(used)].toSorted();
}

function grantedPermissions({ name, environment }: ServiceProcess): readonly string[] {
  const { net, files } = accessOf(name, environment);
  ok(net !== "any");
  return [
    ...net.map((address) => `net ${address}`),
    ...files.map((file) => `read ${file}`),
    ...variablesOf(SERVICES[name].variables).map((variable) => `env ${variable}`),
  ].toSorted();
}

/** Libraries look at variables of their own; for them, there are none. */
const isIgnored = (permission: string) => permission.startsWith("env ");

integrationTest("permissionFlags() grants what the journey needs, and nothing else", async () => {
  await using resources = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir();
  resources.defer(() => Deno.remove(directory, { recursive: true }));
  const standIns = resources.use(await startStandIns([...STAND_IN_NAMES], ANY_PORTS));
  const caFile = join(directory, "ca.pem");
  await Deno.writeTextFile(caFile, standIns.variables.SMTP_CA ?? "");
  // By names, which drivers look up for themselves.
  const byName = Object.entries(standIns.variables).map(([variable, value]) =>
    [variable, value.replace("127.0.0.1", "localhost")] as const
  );
  const environment = { ...QUICK, ...Object.fromEntries(byName), SMTP_CA: caFile };
  const auditOf = (name: ServiceName) => join(directory, `${name}.jsonl`);
  const start = (name: ServiceName, environment: Environment) =>
    resources.use(
      new ServiceProcess(name, {
        environment,
        runtimeVariables: { DENO_AUDIT_PERMISSIONS: auditOf(name) },
      }),
    );
  const poller = start("mail-poller", environment);
  const server = start("message-server", { ...environment, ARCHIVE_URL: poller.url });
  const services = [poller, server, start("emailer", environment)];
  await Promise.all(services.map((service) => service.ready()));

  const delivered = await acceptEmail(server);
  const retried = await acceptEmail(server, emailTo("bounce+451+later@example.com"));
  await traceUntil(server.client, delivered.traceId, isIn("archived"));
  await traceUntil(server.client, retried.traceId, isIn("dead-lettered"));
  await askOthers(server);
  for (const service of services) await service[Symbol.asyncDispose]();

  for (const service of services) {
    const used = await usedPermissions(auditOf(service.name));
    const granted = grantedPermissions(service);
    deepEqual(granted.filter((permission) => !used.includes(permission)), [], service.name);
    deepEqual(
      used.filter((permission) => !granted.includes(permission) && !isIgnored(permission)),
      DONE_WITHOUT[service.name],
    );
    deepEqual(service.lines.filter((line) => /Requires .* access/.test(line)), []);
  }
});

/** Lets the message server ask whom it asks only when it is asked itself. */
async function askOthers({ url }: ServiceProcess): Promise<void> {
  for (const path of ["/api/faults", `/api/mails/${"0".repeat(64)}`]) {
    await (await fetch(url + path)).body?.cancel();
  }
}

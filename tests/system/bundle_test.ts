/**
 * The bundles of the services: the permissions that their binaries have suffice for an email's journey, and nothing more is
 * granted; and they answer as commands.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { type Environment, variablesOf } from "@playground/shared/configuration";
import { integrationTest, runDeno, temporaryFolder, waitFor } from "@playground/shared/testing";
import { VERSION } from "@playground/shared/version";
import { bakedFlags, BUNDLE_FLAGS, TARGET_NAMES, writeBundle } from "@playground/tasks/compile";
import {
  accessOf,
  environmentOf,
  ManagedProcess,
  SERVICE_NAMES,
  type ServiceName,
  SERVICES,
} from "@playground/tasks/system";
import { ANY_PORTS, type RunningStandIns, startStandIns } from "@playground/tasks/standins";
import { acceptEmail, emailTo } from "../fixture/emails.ts";
import { freePort } from "../fixture/ports.ts";
import { BACKINGS } from "../fixture/real_components.ts";
import { ServiceProcess } from "../fixture/service_process.ts";
import { isIn, traceUntil } from "../fixture/test_system.ts";

const COMMIT = "0123456789ab";

/** The arguments of `deno` for a service, with the permissions of its binary for these addresses. */
function bundleArgs(directory: string) {
  return (name: ServiceName, environment: Environment): readonly string[] => [
    "run",
    ...BUNDLE_FLAGS,
    ...bakedFlags(name, accessOf(name, environment)),
    join(directory, `${name}.js`),
  ];
}

/** The bundle of the stand-in as compose.yaml runs it, on loopback; the certificate goes into a file. */
async function startStandIn(directory: string, resources: AsyncDisposableStack) {
  const [smtpPort, apiPort] = [freePort(), freePort()];
  const certificate = join(directory, "certs", "ca-certificates.crt");
  const state = join(directory, "state");
  for (const path of [join(directory, "certs"), state]) await Deno.mkdir(path);
  const lines: string[] = [];
  const process = resources.use(
    new ManagedProcess({
      name: "mailtrap-stand-in",
      args: [
        "run",
        ...BUNDLE_FLAGS,
        ...bakedFlags("mailtrap-stand-in", {
          net: [`127.0.0.1:${smtpPort}`, `127.0.0.1:${apiPort}`],
          files: [state, join(directory, "certs")],
        }),
        join(directory, "mailtrap-stand-in.js"),
        "--name=mailtrap",
        `--smtp-port=${smtpPort}`,
        `--api-port=${apiPort}`,
        `--state=${state}`,
        `--ca=${certificate}`,
      ],
      environment: {},
      cwd: directory,
      onLine: (line) => lines.push(line),
    }),
  );
  // The stand-in ignores the end of its standard input.
  resources.defer(() => process.kill());
  const isThere = () => lines.some((line) => line.includes("ACCOUNT_ID="));
  await waitFor("the stand-in is there", isThere, undefined, () => lines.join("\n"));
  return Object.fromEntries(
    lines.map((line) => line.split("=")).filter(({ length }) => length === 2),
  );
}

/** The addresses by their host's name, which drivers look up for themselves. */
function byName({ variables }: RunningStandIns): Environment {
  return JSON.parse(JSON.stringify(variables).replaceAll("127.0.0.1", "localhost"));
}

/** Permissions that the services request, are denied, and do not need. */
const DONE_WITHOUT: Readonly<Record<ServiceName, readonly string[]>> = {
  "message-server": [],
  emailer: [],
  // The MongoDB driver would report its operating system to the server.
  "mail-poller": ["sys osRelease"],
};

interface AuditEntry {
  readonly permission: string;
  readonly value: string | null;
}

/** The permissions that a service has used, such as `net HOST:PORT`, each once. */
async function usedPermissions(path: string): Promise<readonly string[]> {
  const lines = (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  const used = lines.map((line) => {
    const { permission, value }: AuditEntry = JSON.parse(line);
    // `fetch` reports an address.
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

/** Libraries ask for variables of their own, and find none. */
const isIgnored = (permission: string) => permission.startsWith("env ");

/** Sends emails with each outcome, and requests for which the message server opens further connections. */
async function useEverything(server: ServiceProcess): Promise<void> {
  const delivered = await acceptEmail(server);
  const retried = await acceptEmail(server, emailTo("bounce+451+later@example.com"));
  await traceUntil(server.client, delivered.traceId, isIn("archived"));
  await traceUntil(server.client, retried.traceId, isIn("dead-lettered"));
  for (const path of ["/api/faults", `/api/mails/${"0".repeat(64)}`]) {
    await (await fetch(server.url + path)).body?.cancel();
  }
}

for (const { name, settings, options } of BACKINGS) {
  integrationTest(
    `bundles (${name}) run the journey with the permissions of the binaries, use all of them, and answer as commands`,
    async () => {
      await using resources = new AsyncDisposableStack();
      // Nothing else is in the environment, so that the bundles must be self-contained.
      const { path: directory } = resources.use(await temporaryFolder());
      for (const target of TARGET_NAMES) {
        equal(await writeBundle(target, join(directory, `${target}.js`), COMMIT), undefined);
      }
      const backing = name === "real"
        ? settings()
        : byName(resources.use(await startStandIns(["zipkin", "amqp", "mongodb"], ANY_PORTS)));
      const environment = {
        ...backing,
        ...await startStandIn(directory, resources),
        POLL_INTERVAL_SECONDS: "1",
        RETRY_DELAYS: "200ms",
        MAX_ATTEMPTS: "2",
      };
      const auditOf = (name: ServiceName) => join(directory, `${name}.jsonl`);
      const start = (name: ServiceName, settings: Environment = {}) =>
        resources.use(
          new ServiceProcess(name, {
            environment: { ...environment, ...settings },
            args: bundleArgs(directory),
            cwd: directory,
            runtimeVariables: { DENO_AUDIT_PERMISSIONS: auditOf(name) },
          }),
        );
      const poller = start("mail-poller");
      const server = start("message-server", { ARCHIVE_URL: poller.url });
      const services = [poller, server, start("emailer")];
      await Promise.all(services.map((service) => service.ready()));
      await useEverything(server);
      const run = bundleCommand(directory);
      for (const service of services) {
        const { code, output } = await run(service.name, service.environment, "healthcheck");
        equal(code, 0, output);
        await service[Symbol.asyncDispose]();
      }
      const { code, output } = await run("mail-poller", poller.environment, "healthcheck");
      equal(code, 1, "it does not run any more");
      match(output, /^mail-poller is not healthy: /);
      // Without any configuration.
      for (const name of SERVICE_NAMES) {
        const { code, output } = await run(name, {}, "--version");
        equal(code, 0, output);
        equal(output, `${name} ${VERSION} (commit ${COMMIT}, Deno ${Deno.version.deno})\n`);
      }

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
    },
    options,
  );
}

/** Runs a bundle as a command, with the permissions of its binary. */
function bundleCommand(directory: string) {
  const argsOf = bundleArgs(directory);
  return (name: ServiceName, environment: Environment, argument: string) =>
    runDeno([...argsOf(name, environment), argument], {
      cwd: directory,
      clearEnv: true,
      env: { ...environmentOf(name, environment), HOME: Deno.env.get("HOME") ?? "" },
    });
}

/**
 * The bundles of the services: they run an email's journey with the permissions that their binaries have, and answer as commands.
 *
 * @module
 */
import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { integrationTest, runDeno, temporaryFolder, waitFor } from "@playground/shared/testing";
import { VERSION } from "@playground/shared/version";
import { bakedFlags, BUNDLE_FLAGS, TARGET_NAMES, writeBundle } from "@playground/tasks/compile";
import {
  accessOf,
  ManagedProcess,
  SERVICE_NAMES,
  type ServiceName,
} from "@playground/tasks/system";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { acceptEmail } from "../fixture/emails.ts";
import { freePort } from "../fixture/ports.ts";
import { BACKINGS } from "../fixture/real_components.ts";
import { startServices } from "../fixture/service_process.ts";
import { isIn, traceUntil } from "../fixture/test_system.ts";

const COMMIT = "0123456789ab";

/** The arguments of `deno` for a service, with the permissions of its binary for these addresses. */
function bundleArgs(directory: string) {
  return (name: ServiceName, environment: Environment): readonly string[] => {
    const { net, files } = accessOf(name, environment);
    ok(net !== "any");
    return [
      "run",
      ...BUNDLE_FLAGS,
      ...bakedFlags(name, { net, files }),
      join(directory, `${name}.js`),
    ];
  };
}

/** The bundle of the stand-in as compose.yaml runs it, on loopback; the certificate goes into a file. */
async function startStandIn(directory: string, resources: AsyncDisposableStack) {
  const [smtpPort, apiPort] = [freePort(), freePort()];
  const certificate = join(directory, "certs", "ca-certificates.crt");
  const state = join(directory, "state");
  for (const path of [join(directory, "certs"), state]) await Deno.mkdir(path);
  const url = `http://127.0.0.1:${apiPort}`;
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
  // It takes no notice of the end of its standard input.
  resources.defer(() => process.kill());
  await waitFor("the stand-in is there", () => lines.some((line) => line.includes("Listening on")))
    .catch((error) => {
      throw new Error(`${error}\n${lines.join("\n")}`);
    });
  return {
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(smtpPort),
    SMTP_CA: certificate,
    MAILTRAP_URL: url,
    MAILTRAP_USER: "playground",
    MAILTRAP_PASSWORD: "playground",
    MAILTRAP_BOXID: "2",
    MAILTRAP_TOKEN: "playground",
  };
}

for (const { name, settings, options } of BACKINGS) {
  integrationTest(
    `bundles (${name}) run the journey with the permissions of the binaries, and answer as commands`,
    async () => {
      await using resources = new AsyncDisposableStack();
      // Otherwise empty, so that the bundles must be self-contained.
      const { path: directory } = resources.use(await temporaryFolder());
      for (const target of TARGET_NAMES) {
        const result = await writeBundle(target, join(directory, `${target}.js`), COMMIT);
        ok(result.ok, result.ok ? "" : result.problem);
      }
      const backing = name === "real"
        ? settings()
        : resources.use(await startStandIns(["zipkin", "amqp", "mongodb"], ANY_PORTS)).variables;
      const environment = {
        ...backing,
        ...await startStandIn(directory, resources),
        POLL_INTERVAL_SECONDS: "1",
      };
      const args = bundleArgs(directory);
      const services = await startServices(SERVICE_NAMES, { environment, args, cwd: directory });
      const server = services["message-server"];
      const run = bundleCommand(directory);
      {
        await using _running = services;
        const { traceId } = await acceptEmail(server);
        await traceUntil(server.client, traceId, isIn("archived"));
        for (const service of SERVICE_NAMES) {
          const { code, output } = await run(service, services[service].environment, "healthcheck");
          equal(code, 0, output);
        }
      }
      const { code, output } = await run(
        "mail-poller",
        services["mail-poller"].environment,
        "healthcheck",
      );
      equal(code, 1, "it does not run any more");
      match(output, /^mail-poller is not healthy: /);
      // Without any configuration.
      for (const name of SERVICE_NAMES) {
        const { code, output } = await run(name, {}, "--version");
        equal(code, 0, output);
        equal(output, `${name} ${VERSION} (commit ${COMMIT}, Deno ${Deno.version.deno})\n`);
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
      env: Object.fromEntries(
        Object.entries({ ...environment, HOME: Deno.env.get("HOME") })
          .flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
      ),
    });
}

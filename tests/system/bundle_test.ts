/**
 * The bundles of the services: they run an email's journey with the permissions that their binaries have, and answer as commands.
 *
 * @module
 */
import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Environment } from "@playground/shared/configuration";
import { hasTestPermissions, integrationTest, runDeno, waitFor } from "@playground/shared/testing";
import { VERSION } from "@playground/shared/version";
import {
  bakedFlags,
  BUNDLE_FLAGS,
  TARGET_NAMES,
  type TargetName,
  writeBundle,
} from "@playground/tasks/compile";
import {
  accessOf,
  ManagedProcess,
  SERVICE_NAMES,
  type ServiceName,
} from "@playground/tasks/system";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { acceptEmail, clientOf, ServiceProcess } from "../fixture/service_process.ts";
import { freePort } from "../fixture/ports.ts";
import { traceUntil } from "../fixture/test_system.ts";

const COMMIT = "0123456789ab";

const real: Environment = hasTestPermissions
  ? {
    AMQP_URL: Deno.env.get("TEST_AMQP_URL"),
    ZIPKIN_URL: Deno.env.get("TEST_ZIPKIN_URL"),
    MONGODB_URL: Deno.env.get("TEST_MONGODB_URL"),
  }
  : {};
const missing = ["AMQP_URL", "ZIPKIN_URL", "MONGODB_URL"].filter((name) =>
  real[name] === undefined
);

/** Bundles in a folder that has nothing else, so that only what is in them can be used. */
async function writeBundles(
  targets: readonly TargetName[],
): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await Deno.makeTempDir();
  for (const target of targets) {
    const result = await writeBundle(target, join(directory, `${target}.js`), COMMIT);
    ok(result.ok, result.ok ? "" : result.problem);
  }
  return {
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** The arguments of `deno` for a service, with what its binary is allowed when it is compiled for these addresses. */
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

for (
  const { name, options } of [
    { name: "embedded", options: {} },
    {
      name: "real",
      options: missing.length === 0
        ? {}
        : { ignoredBecause: `set ${missing.map((name) => `TEST_${name}`).join(", ")} to run it` },
    },
  ]
) {
  integrationTest(
    `bundles (${name}) run the journey with the permissions of the binaries`,
    async () => {
      await using resources = new AsyncDisposableStack();
      const { directory } = resources.use(await writeBundles(TARGET_NAMES));
      const backing = name === "real"
        ? { ...real, MONGODB_URL: `${real.MONGODB_URL}/bundle-${crypto.randomUUID()}` }
        : resources.use(await startStandIns(["zipkin", "amqp", "mongodb"], ANY_PORTS)).variables;
      const environment = {
        ...backing,
        ...await startStandIn(directory, resources),
        POLL_INTERVAL_SECONDS: "1",
      };
      const services = SERVICE_NAMES.map((service) =>
        resources.use(
          new ServiceProcess(service, {
            environment,
            args: bundleArgs(directory),
            cwd: directory,
          }),
        )
      );
      await Promise.all(services.map((service) => service.ready()));
      const [server] = services;
      ok(server);
      const { traceId } = await acceptEmail(server);
      const { spans } = await traceUntil(
        clientOf(server),
        traceId,
        ({ state }) => state.name === "archived",
      );
      ok(spans.some((span) => span.name === "send-email"));

      const run = bundleCommand(directory);
      for (const service of services) {
        const result = await run(service.name, service.environment, "healthcheck");
        equal(result.code, 0, result.output);
      }
    },
    options,
  );
}

integrationTest("bundles tell their version and commit without any configuration", async () => {
  await using bundles = await writeBundles(SERVICE_NAMES);
  const run = bundleCommand(bundles.directory);
  for (const name of SERVICE_NAMES) {
    const { code, output } = await run(name, {}, "--version");
    equal(code, 0, output);
    equal(output, `${name} ${VERSION} (commit ${COMMIT}, Deno ${Deno.version.deno})\n`);
  }
});

integrationTest("bundles end healthcheck with 1 when the service does not run", async () => {
  await using bundles = await writeBundles(["mail-poller"]);
  const run = bundleCommand(bundles.directory);
  const { code, output } = await run(
    "mail-poller",
    {
      HEALTH_PORT: String(freePort()),
      MONGODB_URL: "mongodb://127.0.0.1",
      MAILTRAP_BOXID: "2",
      MAILTRAP_TOKEN: "playground",
    },
    "healthcheck",
  );
  equal(code, 1);
  match(output, /^mail-poller is not healthy: /);
});

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

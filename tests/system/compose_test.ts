/**
 * `compose.yaml` and its Dockerfile, checked against the services' variables and addresses, where `.ci/containers`, which runs
 * them, would miss errors: the real Mailtrap, unpublished ports, and failures only under load.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { emailerConfiguration } from "@playground/emailer/configuration";
import { pollerConfiguration } from "@playground/poller/configuration";
import { serverConfiguration } from "@playground/server/configuration";
import { type Environment, readConfiguration, variablesOf } from "@playground/shared/configuration";
import { integrationTest } from "@playground/shared/testing";
import { VERSION } from "@playground/shared/version";
import { accessOf, SERVICE_NAMES, type ServiceName, SERVICES } from "@playground/tasks/system";
import { readEnvFile, ROOT } from "@playground/tasks/running-system";
import {
  bytesOf,
  containerOf,
  readComposeFile,
  readRawComposeFile,
  referencesOf,
} from "../fixture/compose_file.ts";

const CONFIGURATIONS = {
  "message-server": serverConfiguration,
  emailer: emailerConfiguration,
  "mail-poller": pollerConfiguration,
} as const;

/** The possible contents of `.env`: nothing, or the four lines. */
const MODES: Readonly<Record<string, Environment>> = {
  "the stand-in": {},
  "the real Mailtrap": {
    MAILTRAP_USER: "us3r",
    MAILTRAP_PASSWORD: "s3cret",
    MAILTRAP_BOXID: "77",
    MAILTRAP_TOKEN: "t0ken",
  },
};

const splitList = (list: string | undefined) =>
  (list ?? "").split(",").filter((item) => item !== "").toSorted();

/** What a service reaches, with the stand-in and with the real Mailtrap. */
async function accessInBothModes(name: ServiceName) {
  const accesses = await Promise.all(
    Object.values(MODES).map(async (settings) => {
      const { environment } = containerOf(await readComposeFile(settings), name);
      return accessOf(name, environment);
    }),
  );
  return {
    net: [...new Set(accesses.flatMap(({ net }) => net))].toSorted(),
    files: [...new Set(accesses.flatMap(({ files }) => files))].toSorted(),
  };
}

/** The value of a line `NAME = VALUE`. */
const lineOf = (text: string, name: string) =>
  new RegExp(`^${name} = (?<value>.*)$`, "m").exec(text)?.groups?.value;

for (const name of SERVICE_NAMES) {
  integrationTest(
    `compose.yaml gives the ${name} all variables and addresses that it needs, and no more`,
    async () => {
      const { build, environment } = containerOf(await readComposeFile(), name);
      const known = variablesOf(SERVICES[name].variables);
      deepEqual(Object.keys(environment).filter((variable) => !known.includes(variable)), []);
      const access = await accessInBothModes(name);
      deepEqual(splitList(build?.args.ALLOW_NET), access.net);
      deepEqual(splitList(build?.args.ALLOW_READ), access.files);
      for (const [mode, settings] of Object.entries(MODES)) {
        const { environment } = containerOf(await readComposeFile(settings), name);
        // The file with the certificates is in the container.
        const SMTP_CA = environment.SMTP_CA && "-----BEGIN CERTIFICATE-----";
        const result = readConfiguration(CONFIGURATIONS[name], { ...environment, SMTP_CA });
        deepEqual(result.ok ? [] : result.problems, [], mode);
      }
    },
  );
}

integrationTest("compose.yaml uses the real Mailtrap with its four lines", async () => {
  const file = await readComposeFile(MODES["the real Mailtrap"]);
  const { SMTP_HOST, SMTP_CA } = containerOf(file, "emailer").environment;
  const { MAILTRAP_URL, MAILTRAP_TOKEN } = containerOf(file, "mail-poller").environment;
  deepEqual([SMTP_HOST, SMTP_CA, MAILTRAP_URL, MAILTRAP_TOKEN], [
    "sandbox.smtp.mailtrap.io",
    "/etc/ssl/certs/ca-certificates.crt",
    "https://mailtrap.io",
    "t0ken",
  ]);
});

integrationTest("compose.yaml has no secret that .env could not replace", async () => {
  const { services } = await readRawComposeFile();
  for (const [name, { environment }] of Object.entries(services)) {
    for (const [variable, value] of Object.entries(environment)) {
      const isSecret = /PASS|TOKEN|SECRET/.test(variable) || /:\/\/[^/]*@/.test(value);
      if (isSecret) match(value, /\$\{\w+:-(playground)?\}/, `${name}: ${variable}`);
    }
  }
});

integrationTest(
  "compose.yaml refers to settings that exist, and to none that dev would use",
  async () => {
    const references = referencesOf(await readRawComposeFile());
    const settings = SERVICE_NAMES.flatMap((name) => variablesOf(SERVICES[name].variables));
    const example = await Deno.readTextFile(join(ROOT, ".env.example"));
    for (const name of references) {
      if (name === "COMPOSE_COMMIT") continue;
      if (name.startsWith("COMPOSE_")) match(example, new RegExp(`^#${name}=`, "m"));
      else ok(settings.includes(name), name);
    }
    deepEqual(references.filter((name) => ["AMQP_URL", "MONGODB_URL", "HOST"].includes(name)), []);
  },
);

integrationTest(
  "compose.yaml bounds every container, gives it no privilege, and shows neither broker nor database to others",
  async () => {
    const { services } = await readComposeFile();
    for (const [name, container] of Object.entries(services)) {
      const { mem_limit, security_opt, privileged, cap_add, cap_drop, ports, build } = container;
      ok(bytesOf(mem_limit) > 0, name);
      deepEqual({ security_opt, privileged, cap_add, network: container.network_mode }, {
        security_opt: ["no-new-privileges:true"],
        privileged: false,
        cap_add: [],
        network: undefined,
      });
      if (build !== undefined) deepEqual(cap_drop, ["ALL"], name);
      for (const port of ports) {
        match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
        ok(!/:(5672|27017)$/.test(port), name);
      }
    }
  },
);

integrationTest("compose.yaml lets RabbitMQ take less memory than it has", async () => {
  const file = await readComposeFile();
  const { mem_limit, configs } = containerOf(file, "rabbitmq");
  deepEqual(configs.map(({ target }) => target), ["/etc/rabbitmq/conf.d/20-memory.conf"]);
  const text = file.configs[configs[0]?.source ?? ""]?.content ?? "";
  const available = bytesOf(lineOf(text, "total_memory_available_override_value"));
  const log = bytesOf(lineOf(text, "raft.wal_max_size_bytes"));
  // RabbitMQ reads its log at its start, possibly several files; and its runtime needs memory that the alarm does not count.
  ok(available + 4 * log <= bytesOf(mem_limit));
});

integrationTest(
  "compose.yaml lets Zipkin's heap hold its spans, and its container the heap",
  async () => {
    const { mem_limit, environment } = containerOf(await readComposeFile(), "zipkin");
    const heap = bytesOf(/-Xmx(?<size>\w+)/.exec(environment.JAVA_OPTS ?? "")?.groups?.size);
    match(environment.JAVA_OPTS ?? "", /-XX:\+ExitOnOutOfMemoryError/);
    // 132,000 spans of ours, with their log lines, filled a heap of 384 MB; a quarter of it stays free for queries.
    ok(Number(environment.MEM_MAX_SPANS) * (384 * 2 ** 20 / 132_000) <= 0.75 * heap);
    // Metaspace, threads and buffers of the virtual machine.
    ok(heap + 192 * 2 ** 20 <= bytesOf(mem_limit));
  },
);

integrationTest("compose.yaml, the Dockerfile and CI name the same versions", async () => {
  const { services } = await readComposeFile();
  const versions = await readEnvFile(join(ROOT, ".ci", "install.sh"));
  const dockerfile = await Deno.readTextFile(join(ROOT, "tasks/compile/Dockerfile"));
  ok(dockerfile.includes(`ARG DENO_VERSION=${versions.DENO_VERSION}\n`));
  ok(dockerfile.includes(`ARG VERSION=${VERSION}\n`));
  equal(services.zipkin?.image, `openzipkin/zipkin:${versions.ZIPKIN_VERSION}`);
  for (const [name, { image, build }] of Object.entries(services)) {
    if (build === undefined) match(image, /:v?\d+\.\d+\.\d+/, name);
    else ok(image.endsWith(`:${VERSION}`), name);
  }
});

integrationTest("the builder is sent no settings", async () => {
  const text = await Deno.readTextFile(join(ROOT, "tasks/compile/Dockerfile.dockerignore"));
  const patterns = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  deepEqual([patterns[0], patterns.at(-1)], ["*", "**/.env*"]);
});

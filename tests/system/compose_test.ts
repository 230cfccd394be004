/**
 * `compose.yaml`, held against the services' own variables, ports and addresses. Nothing is started.
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
import { ROOT } from "@playground/tasks/running-system";
import {
  type ComposeFile,
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

/** Our own images: the services and the stand-in. */
const OWN = [...SERVICE_NAMES, "mailtrap"] as const;
const BACKING = ["rabbitmq", "mongo", "zipkin"] as const;

const REAL_MAILTRAP = {
  MAILTRAP_USER: "us3r",
  MAILTRAP_PASSWORD: "s3cret",
  MAILTRAP_BOXID: "77",
  MAILTRAP_TOKEN: "t0ken",
};

/** What may be in `.env`: nothing, or the four lines. */
const MODES: Readonly<Record<string, Environment>> = {
  "the stand-in": {},
  "the real Mailtrap": REAL_MAILTRAP,
};

/** The values of a command's options, `--name=value` each. */
function optionsOf(command: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(command.flatMap((word) => {
    const groups = /^--(?<name>[\w-]+)=(?<value>.*)$/.exec(word)?.groups;
    return groups === undefined ? [] : [[groups.name, groups.value]];
  }));
}

const splitList = (list: string | undefined) => (list ?? "").split(",").toSorted();

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

integrationTest("compose.yaml has our containers and the backing services", async () => {
  deepEqual(
    Object.keys((await readComposeFile()).services).toSorted(),
    [...OWN, ...BACKING].toSorted(),
  );
});

for (const name of SERVICE_NAMES) {
  integrationTest(`compose.yaml sets only variables that the ${name} has`, async () => {
    const { environment } = containerOf(await readComposeFile(), name);
    const known = variablesOf(SERVICES[name].variables);
    deepEqual(Object.keys(environment).filter((variable) => !known.includes(variable)), []);
  });

  for (const [mode, settings] of Object.entries(MODES)) {
    integrationTest(`compose.yaml gives the ${name} all that it needs for ${mode}`, async () => {
      const { environment } = containerOf(await readComposeFile(settings), name);
      // The file with the certificates is in the container.
      const SMTP_CA = environment.SMTP_CA && "-----BEGIN CERTIFICATE-----";
      const result = readConfiguration(CONFIGURATIONS[name], { ...environment, SMTP_CA });
      deepEqual(result.ok ? [] : result.problems, []);
    });
  }

  integrationTest(`compose.yaml lets the ${name} reach what it needs, and no more`, async () => {
    const { build } = containerOf(await readComposeFile(), name);
    const access = await accessInBothModes(name);
    deepEqual(splitList(build?.args.ALLOW_NET), access.net);
    deepEqual(splitList(build?.args.ALLOW_READ).filter((path) => path !== ""), access.files);
  });

  integrationTest(`compose.yaml starts the ${name} after all that it connects to`, async () => {
    const file = await readComposeFile();
    const container = containerOf(file, name);
    // Mails that are already archived can wait; emails are taken and sent without the poller.
    const { net } = accessOf(name, { ...container.environment, ARCHIVE_URL: "" });
    ok(net !== "any");
    const [, ...hosts] = net.map((address) => address.replace(/:\d+$/, ""));
    deepEqual(Object.keys(container.depends_on).toSorted(), hosts.toSorted());
  });

  integrationTest(`compose.yaml asks the ${name} itself for its health`, async () => {
    const { healthcheck, environment } = containerOf(await readComposeFile(), name);
    deepEqual(healthcheck.test, ["CMD", "/service", "healthcheck"]);
    equal(environment[SERVICES[name].healthPort.variable], String(SERVICES[name].healthPort.usual));
  });
}

integrationTest(
  "compose.yaml uses the real Mailtrap with its four lines, and only then",
  async () => {
    const settingsOf = (file: ComposeFile) => {
      const { SMTP_HOST, SMTP_CA, MAILTRAP_USER, MAILTRAP_PASSWORD } =
        containerOf(file, "emailer").environment;
      const { MAILTRAP_URL, MAILTRAP_BOXID, MAILTRAP_TOKEN } =
        containerOf(file, "mail-poller").environment;
      return [
        SMTP_HOST,
        SMTP_CA,
        MAILTRAP_USER,
        MAILTRAP_PASSWORD,
        MAILTRAP_URL,
        MAILTRAP_BOXID,
        MAILTRAP_TOKEN,
      ];
    };
    deepEqual(settingsOf(await readComposeFile(REAL_MAILTRAP)), [
      "sandbox.smtp.mailtrap.io",
      "/etc/ssl/certs/ca-certificates.crt",
      "us3r",
      "s3cret",
      "https://mailtrap.io",
      "77",
      "t0ken",
    ]);
    deepEqual(settingsOf(await readComposeFile()), [
      "mailtrap",
      "/certs/ca-certificates.crt",
      "playground",
      "playground",
      "http://mailtrap",
      "2",
      "playground",
    ]);
  },
);

integrationTest(
  "compose.yaml starts the stand-in as the emailer and the poller reach it",
  async () => {
    const file = await readComposeFile();
    const mailtrap = containerOf(file, "mailtrap");
    const emailer = containerOf(file, "emailer");
    const options = optionsOf(mailtrap.command);
    const url = new URL(containerOf(file, "mail-poller").environment.MAILTRAP_URL ?? "");
    equal(options.host, "0.0.0.0");
    equal(options.name, emailer.environment.SMTP_HOST);
    equal(options.name, url.hostname);
    equal(options["smtp-port"], emailer.environment.SMTP_PORT);
    equal(options["api-port"], url.port || "80");
    deepEqual(
      splitList(mailtrap.build?.args.ALLOW_NET),
      [
        `0.0.0.0:${options["smtp-port"]}`,
        `0.0.0.0:${options["api-port"]}`,
      ].toSorted(),
    );
    deepEqual(mailtrap.healthcheck.test, [
      "CMD",
      "/service",
      "healthcheck",
      `--host=${options.host}`,
      `--api-port=${options["api-port"]}`,
    ]);
    // The certificate's way: the stand-in writes it, the emailer reads it.
    equal(options.ca, emailer.environment.SMTP_CA);
    deepEqual(emailer.volumes, ["mailtrap-certs:/certs:ro"]);
    deepEqual(mailtrap.volumes, ["mailtrap-state:/state", "mailtrap-certs:/certs"]);
    deepEqual(splitList(mailtrap.build?.args.ALLOW_READ), ["/certs", "/state"]);
    equal(options.state, "/state");
  },
);

integrationTest(
  "compose.yaml publishes ports to this machine only, and neither broker nor database",
  async () => {
    const { services } = await readComposeFile();
    deepEqual(
      Object.fromEntries(Object.entries(services).map(([name, { ports }]) => [name, ports])),
      {
        "message-server": ["127.0.0.1:8080:8080"],
        emailer: [],
        "mail-poller": [],
        mailtrap: ["127.0.0.1:8025:80"],
        rabbitmq: ["127.0.0.1:15672:15672"],
        mongo: [],
        zipkin: ["127.0.0.1:9411:9411"],
      },
    );
    for (const container of Object.values(services)) equal(container.network_mode, undefined);
  },
);

integrationTest("compose.yaml lets every container be scaled that has no port", async () => {
  const { services } = await readComposeFile();
  for (const name of ["emailer", "mail-poller"]) {
    const { ports, container_name, hostname } = containerOf(
      { services },
      name,
    );
    deepEqual([ports, container_name, hostname], [[], undefined, undefined]);
  }
});

integrationTest(
  "compose.yaml connects the services to the broker and the database with one password each",
  async () => {
    const file = await readComposeFile({
      COMPOSE_RABBITMQ_PASSWORD: "r4bbit",
      COMPOSE_MONGO_PASSWORD: "m0ngo",
    });
    const broker = containerOf(file, "rabbitmq").environment;
    const database = containerOf(file, "mongo").environment;
    for (const name of ["message-server", "emailer"]) {
      const url = new URL(containerOf(file, name).environment.AMQP_URL ?? "");
      deepEqual([url.username, url.password], [
        broker.RABBITMQ_DEFAULT_USER,
        broker.RABBITMQ_DEFAULT_PASS,
      ]);
      equal(url.password, "r4bbit");
    }
    const url = new URL(containerOf(file, "mail-poller").environment.MONGODB_URL ?? "");
    deepEqual([url.username, url.password], [
      database.MONGO_INITDB_ROOT_USERNAME,
      database.MONGO_INITDB_ROOT_PASSWORD,
    ]);
    equal(url.password, "m0ngo");
  },
);

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
  "compose.yaml refers to settings that exist, and to no address that dev would use",
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

integrationTest("compose.yaml restarts, watches and bounds every container", async () => {
  const { services } = await readComposeFile();
  for (const [name, container] of Object.entries(services)) {
    equal(container.restart, "unless-stopped", name);
    match(container.mem_limit, /^\d+m$/, name);
    equal(container.healthcheck.test[0], "CMD", name);
    deepEqual(container.security_opt, ["no-new-privileges:true"], name);
    deepEqual([container.privileged, container.cap_add], [false, []], name);
    for (const { condition } of Object.values(container.depends_on)) {
      equal(condition, "service_healthy", name);
    }
  }
});

integrationTest(
  "compose.yaml gives our containers no capability and nothing to write to",
  async () => {
    const file = await readComposeFile();
    for (const name of OWN) {
      const { read_only, cap_drop, user } = containerOf(file, name);
      deepEqual([read_only, cap_drop, user], [true, ["ALL"], undefined], name);
    }
  },
);

integrationTest("compose.yaml keeps what broker and database have in volumes", async () => {
  const { services, volumes } = await readComposeFile();
  const mounts = Object.entries(services).flatMap(([name, container]) =>
    container.volumes.map((volume) => ({ name, source: volume.split(":")[0] ?? "", volume }))
  );
  deepEqual(
    [...new Set(mounts.map(({ source }) => source))].toSorted(),
    Object.keys(volumes).toSorted(),
  );
  ok(mounts.some(({ volume }) => volume === "rabbitmq-data:/var/lib/rabbitmq"));
  ok(mounts.some(({ volume }) => volume === "mongo-data:/data/db"));
  // Its data is in a folder that has the name of its host.
  equal(containerOf({ services }, "rabbitmq").hostname, "rabbitmq");
});

integrationTest("compose.yaml names images by version", async () => {
  const { services } = await readComposeFile();
  for (const [name, { image, build }] of Object.entries(services)) {
    const [repository, tag] = image.split(":");
    if (build === undefined) {
      match(tag ?? "", /^\d+\.\d+\.\d+/, name);
    } else {
      equal(repository, `tracing-playground/${build.args.SERVICE}`);
      equal(tag, VERSION, name);
    }
  }
});

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, runDeno, temporaryFolder } from "@playground/shared/testing";
import { appendSettings, readEnvFile } from "@playground/tasks/running-system";
import { platformEnvironment } from "@playground/tasks/system";
import configuration from "../../deno.json" with { type: "json" };

/** A program in Docker's place: it records its arguments, and fails when they contain a certain word. */
const FAKE_DOCKER = `#!/bin/sh
echo "$*" >> "$FAKE_DOCKER_LOG"
case "$*" in
  *"\${FAKE_DOCKER_FAILS:-no such word}"*) exit 17 ;;
  "ps "*) printf '%s' "$FAKE_DOCKER_REPLICAS" ;;
  *" exec "*) [ -z "$FAKE_DOCKER_PROBLEM" ] || { echo "$FAKE_DOCKER_PROBLEM" >&2; exit 1; } ;;
esac
`;

async function putInDockersPlace(directory: string) {
  const [envFile, log] = [join(directory, "settings"), join(directory, "log")];
  await Deno.writeTextFile(join(directory, "docker"), FAKE_DOCKER, { mode: 0o755 });
  /** Runs a task with exactly its permissions in deno.json; returns what Docker was asked, in order. */
  const run = async (
    task: "up" | "down" | "logs",
    args: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ) => {
    await Deno.writeTextFile(log, "");
    const [, ...command] = configuration.tasks[task].command.split(" ");
    const { code, output } = await runDeno([...command, "--env-file", envFile, ...args], {
      clearEnv: true,
      env: {
        ...platformEnvironment(),
        PATH: `${directory}:/usr/bin:/bin`,
        FAKE_DOCKER_LOG: log,
        ...environment,
      },
    });
    const lines = (await Deno.readTextFile(log)).split("\n");
    return { code, output, asked: lines.filter((line) => line !== "") };
  };
  return { envFile, run };
}

type FakeDocker = Awaited<ReturnType<typeof putInDockersPlace>>;

function dockerTest(name: string, test: (docker: FakeDocker) => Promise<void>): void {
  integrationTest(name, async () => {
    await using folder = await temporaryFolder();
    await test(await putInDockersPlace(folder.path));
  });
}

dockerTest("up makes passwords once, starts everything and says where it is", async (docker) => {
  const first = await docker.run("up", ["--scale=emailer=3", "--timeout", "60"]);
  equal(first.code, 0, first.output);
  equal(
    first.asked.find((line) => line.includes(" up ")),
    `compose --env-file=${docker.envFile} up --detach --build --wait --wait-timeout=60 --remove-orphans --scale=emailer=3`,
  );
  match(first.output, /^RabbitMQ: +http:\/\/127\.0\.0\.1:15672 .*password in \.env\)$/m);
  match(first.output, /^Zipkin: +http:\/\/127\.0\.0\.1:9411\/zipkin\/$/m);
  match(first.output, /^Message-Server: +http:\/\/127\.0\.0\.1:8080$/m);
  match(first.output, /^Mailtrap: +http:\/\/127\.0\.0\.1:8025 +\(stand-in\)$/m);
  ok(!/Prometheus|Grafana/.test(first.output));
  const settings = { ...await readEnvFile(docker.envFile) };
  deepEqual(Object.keys(settings), ["COMPOSE_RABBITMQ_PASSWORD", "COMPOSE_MONGO_PASSWORD"]);
  for (const password of Object.values(settings)) ok(!first.output.includes(password ?? ""));

  const more = {
    COMPOSE_PROFILES: "metrics",
    COMPOSE_GRAFANA_PORT: "13000",
    COMPOSE_MESSAGE_SERVER_PORT: "18080",
    MAILTRAP_USER: "us3r",
    MAILTRAP_PASSWORD: "s3cret",
    MAILTRAP_BOXID: "1",
    MAILTRAP_TOKEN: "t0ken",
  };
  await appendSettings(docker.envFile, "More", more);
  const second = await docker.run("up", ["--no-build"]);
  equal(second.code, 0, second.output);
  ok(!second.asked.some((line) => line.includes("--build")));
  deepEqual({ ...await readEnvFile(docker.envFile) }, { ...settings, ...more });
  match(second.output, /^Message-Server: +http:\/\/127\.0\.0\.1:18080$/m);
  match(second.output, /^Mailtrap: +https:\/\/mailtrap\.io$/m);
  match(second.output, /^Prometheus: +http:\/\/127\.0\.0\.1:9090$/m);
  match(second.output, /^Grafana: +http:\/\/127\.0\.0\.1:13000$/m);
  match(second.output, /--server http:\/\/127\.0\.0\.1:18080$/m);
  ok(!/us3r|s3cret|t0ken/.test(second.output));
});

dockerTest("up refuses half a Mailtrap account before it starts anything", async (docker) => {
  await Deno.writeTextFile(docker.envFile, "MAILTRAP_USER=somebody\nMAILTRAP_TOKEN=sEcReT\n");
  const { code, output, asked } = await docker.run("up");
  equal(code, 1);
  match(output, /MAILTRAP_PASSWORD: must be set/);
  match(output, /MAILTRAP_BOXID: must be set/);
  ok(!output.includes("sEcReT"));
  ok(!asked.some((line) => line.includes(" up ")));
});

const REPLICAS = "emailer 1\nemailer 3\nmail-poller 2\nmessage-server 1\nrabbitmq 1\n";

dockerTest("up asks every container of our services whether it is ready", async (docker) => {
  const { code, output, asked } = await docker.run("up", [], { FAKE_DOCKER_REPLICAS: REPLICAS });
  equal(code, 0, output);
  deepEqual(
    asked.filter((line) => line.includes(" exec ")).toSorted(),
    ["1 emailer", "1 message-server", "2 mail-poller", "3 emailer"].map((replica) =>
      `compose --env-file=${docker.envFile} exec -T --index=${replica} /service healthcheck --ready`
    ),
  );
});

for (
  const [problem, sentence] of [
    [
      "emailer is not ready: 403 (ACCESS-REFUSED)",
      /The volume tracing-playground_rabbitmq-data was made .*COMPOSE_RABBITMQ_PASSWORD/,
    ],
    [
      "mail-poller is not ready: Authentication failed.",
      /_mongo-data was made .* set COMPOSE_MONGO_PASSWORD in .*down --volumes$/m,
    ],
    ["emailer is not ready: it is away", /^ {2}emailer is not ready: it is/m],
  ] as const
) {
  dockerTest(`up fails and does not suggest sending where ${problem}`, async (docker) => {
    const { code, output } = await docker.run("up", ["--timeout=0.1"], {
      FAKE_DOCKER_REPLICAS: REPLICAS,
      FAKE_DOCKER_PROBLEM: problem,
    });
    equal(code, 1, output);
    match(output, sentence);
    ok(!output.includes("Send an email"));
  });
}

for (
  const [what, environment, sentence] of [
    [
      "no compose plugin",
      { FAKE_DOCKER_FAILS: "compose version" },
      /: Docker has no compose plugin; install/,
    ],
    [
      "no engine",
      { FAKE_DOCKER_FAILS: "version --format" },
      /: the Docker engine does not answer; start it/,
    ],
    ["no docker at all", { PATH: "/nowhere" }, /: there is no docker; install it .*deno task dev/],
    [
      "a container that does not become healthy",
      { FAKE_DOCKER_FAILS: " up " },
      /: see above; deno task logs/,
    ],
  ] as const
) {
  dockerTest(`up says what to do with ${what}`, async (docker) => {
    const { code, output } = await docker.run("up", [], { ...environment });
    equal(code, 1, output);
    match(output, /^Cannot start the containers: /m);
    match(output, sentence);
  });
}

for (
  const [task, args, asked] of [
    ["down", [], "down --remove-orphans"],
    ["down", ["--volumes"], "down --remove-orphans --volumes"],
    ["logs", [], "logs --tail=100 --follow"],
    ["logs", ["--no-follow", "--tail=5", "emailer"], "logs --tail=5 emailer"],
  ] as const
) {
  dockerTest(`${[task, ...args].join(" ")} is compose ${asked}`, async (docker) => {
    equal((await docker.run(task, args)).asked.at(-1), `compose ${asked}`);
  });
}

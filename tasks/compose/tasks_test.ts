import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, runDeno, temporaryFolder } from "@playground/shared/testing";
import { readEnvFile, ROOT } from "@playground/tasks/running-system";
import { platformEnvironment } from "@playground/tasks/system";

/** A program in Docker's place: it records its arguments, and fails when they contain a certain word. */
const FAKE_DOCKER = `#!/bin/sh
echo "$*" >> "$FAKE_DOCKER_LOG"
case "$*" in
  *"\${FAKE_DOCKER_FAILS:-no such word}"*) exit 17 ;;
  "ps "*) printf '%s' "$FAKE_DOCKER_REPLICAS" ;;
  *" exec "*) [ -z "$FAKE_DOCKER_PROBLEM" ] || { echo "$FAKE_DOCKER_PROBLEM" >&2; exit 1; } ;;
esac
`;

interface FakeDocker {
  readonly envFile: string;
  /** Runs a task with exactly its permissions in deno.json; returns what Docker was asked, in order. */
  run(
    task: "up" | "down" | "logs",
    args?: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ code: number; output: string; asked: readonly string[] }>;
}

function dockerTest(name: string, test: (docker: FakeDocker) => Promise<void>): void {
  integrationTest(name, async () => {
    await using folder = await temporaryFolder();
    const directory = folder.path;
    const [envFile, log] = [join(directory, "settings"), join(directory, "log")];
    await Deno.writeTextFile(join(directory, "docker"), FAKE_DOCKER, { mode: 0o755 });
    const run: FakeDocker["run"] = async (task, args = [], environment = {}) => {
      await Deno.writeTextFile(log, "");
      const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
      const [, ...command]: string[] = tasks[task].command.split(" ");
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
    await test({ envFile, run });
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

  const second = await docker.run("up", ["--no-build"]);
  equal(second.code, 0, second.output);
  ok(!second.asked.some((line) => line.includes("--build")));
  deepEqual({ ...await readEnvFile(docker.envFile) }, settings);
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
  const { problem, sentence } of [
    {
      problem: "emailer is not ready: 403 (ACCESS-REFUSED)",
      sentence: /The volume tracing-playground_rabbitmq-data was made .*COMPOSE_RABBITMQ_PASSWORD/,
    },
    {
      problem: "mail-poller is not ready: Authentication failed.",
      sentence: /_mongo-data was made .* set COMPOSE_MONGO_PASSWORD in .*down --volumes$/m,
    },
    { problem: "emailer is not ready: it is away", sentence: /^ {2}emailer is not ready: it is/m },
  ]
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
  const { what, environment, sentence } of [
    {
      what: "no compose plugin",
      environment: { FAKE_DOCKER_FAILS: "compose version" },
      sentence: /^Cannot start the containers: Docker has no compose plugin; install/m,
    },
    {
      what: "no engine",
      environment: { FAKE_DOCKER_FAILS: "version --format" },
      sentence: /^Cannot start the containers: the Docker engine does not answer; start it/m,
    },
    {
      what: "no docker at all",
      environment: { PATH: "/nowhere" },
      sentence: /^Cannot start the containers: there is no docker; install it .*deno task dev/m,
    },
    {
      what: "a container that does not become healthy",
      environment: { FAKE_DOCKER_FAILS: " up " },
      sentence: /^Cannot start the containers: see above; deno task logs/m,
    },
  ]
) {
  dockerTest(`up says what to do with ${what}`, async (docker) => {
    const { code, output } = await docker.run("up", [], { ...environment });
    equal(code, 1, output);
    match(output, sentence);
  });
}

for (
  const { task, args, asked } of [
    { task: "down", args: [], asked: "down --remove-orphans" },
    { task: "down", args: ["--volumes"], asked: "down --remove-orphans --volumes" },
    { task: "logs", args: [], asked: "logs --tail=100 --follow" },
    { task: "logs", args: ["--no-follow", "--tail=5", "emailer"], asked: "logs --tail=5 emailer" },
  ] as const
) {
  dockerTest(`${[task, ...args].join(" ")} is compose ${asked}`, async (docker) => {
    equal((await docker.run(task, args)).asked.at(-1), `compose ${asked}`);
  });
}

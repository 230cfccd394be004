import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, runDeno } from "@playground/shared/testing";
import { readEnvFile, ROOT } from "@playground/tasks/running-system";

/** A program in Docker's place: it writes down what it is asked, and fails when that has a certain word in it. */
const FAKE_DOCKER = `#!/bin/sh
echo "$*" >> "$FAKE_DOCKER_LOG"
case "$*" in
  *"\${FAKE_DOCKER_FAILS:-no such word}"*) exit 17 ;;
  "volume ls"*) printf '%s' "$FAKE_DOCKER_VOLUMES" ;;
  "ps "*) printf '%s' "$FAKE_DOCKER_REPLICAS" ;;
  *" exec "*) [ -z "$FAKE_DOCKER_PROBLEM" ] || { echo "$FAKE_DOCKER_PROBLEM" >&2; exit 1; } ;;
esac
`;

/** What a task did. */
interface TaskResult {
  readonly code: number;
  readonly output: string;
  /** What Docker was asked, in order. */
  readonly asked: readonly string[];
}

/** A folder with the fake Docker and a file of settings. */
class FakeDocker implements AsyncDisposable {
  readonly envFile: string;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.envFile = join(directory, "settings");
  }

  static async create(): Promise<FakeDocker> {
    const directory = await Deno.makeTempDir();
    await Deno.writeTextFile(join(directory, "docker"), FAKE_DOCKER, { mode: 0o755 });
    return new FakeDocker(directory);
  }

  /** Runs a task with exactly the permissions that deno.json gives it. */
  async run(
    task: "up" | "down" | "logs",
    args: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<TaskResult> {
    const log = join(this.#directory, "log");
    await Deno.writeTextFile(log, "");
    const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
    const [, ...command]: string[] = tasks[task].command.split(" ");
    const { code, output } = await runDeno([...command, "--env-file", this.envFile, ...args], {
      clearEnv: true,
      env: {
        PATH: `${this.#directory}:/usr/bin:/bin`,
        HOME: Deno.env.get("HOME") ?? "",
        FAKE_DOCKER_LOG: log,
        ...environment,
      },
    });
    const lines = (await Deno.readTextFile(log)).split("\n").filter((line) => line !== "");
    return { code, output, asked: lines };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}

integrationTest("up makes passwords once, starts everything and tells where it is", async () => {
  await using docker = await FakeDocker.create();
  const first = await docker.run("up", ["--scale=emailer=3", "--timeout", "60"]);
  equal(first.code, 0, first.output);
  equal(
    first.asked.find((line) => line.includes(" up ")),
    `compose --env-file=${docker.envFile} up --detach --build --wait --wait-timeout=60 --remove-orphans --scale=emailer=3`,
  );
  match(first.output, /^Message-Server: +http:\/\/127\.0\.0\.1:8080$/m);
  const settings = { ...await readEnvFile(docker.envFile) };
  deepEqual(Object.keys(settings), ["COMPOSE_RABBITMQ_PASSWORD", "COMPOSE_MONGO_PASSWORD"]);
  for (const password of Object.values(settings)) ok(!first.output.includes(password ?? ""));

  const second = await docker.run("up", ["--no-build"]);
  equal(second.code, 0, second.output);
  ok(!second.asked.some((line) => line.includes("--build")));
  deepEqual({ ...await readEnvFile(docker.envFile) }, settings);
});

integrationTest("up makes no password for volumes that have another one", async () => {
  await using docker = await FakeDocker.create();
  const { code, output } = await docker.run("up", [], {
    FAKE_DOCKER_VOLUMES: "tracing-playground_rabbitmq-data\ntracing-playground_mongo-data\n",
  });
  equal(code, 0, output);
  deepEqual({ ...await readEnvFile(docker.envFile) }, {});
});

integrationTest("up refuses half a Mailtrap account before it starts anything", async () => {
  await using docker = await FakeDocker.create();
  await Deno.writeTextFile(docker.envFile, "MAILTRAP_USER=somebody\nMAILTRAP_TOKEN=sEcReT\n");
  const { code, output, asked } = await docker.run("up");
  equal(code, 1);
  match(output, /MAILTRAP_PASSWORD: must be set/);
  match(output, /MAILTRAP_BOXID: must be set/);
  ok(!output.includes("sEcReT"));
  ok(!asked.some((line) => line.includes(" up ")));
});

integrationTest("up says so when the containers do not become healthy", async () => {
  await using docker = await FakeDocker.create();
  const { code, output } = await docker.run("up", [], { FAKE_DOCKER_FAILS: " up " });
  equal(code, 1);
  match(output, /^Cannot start the containers: see above; deno task logs/m);
});

const REPLICAS = "emailer 1\nemailer 3\nmail-poller 2\nmessage-server 1\nrabbitmq 1\n";

integrationTest("up asks every container of our services whether it is ready", async () => {
  await using docker = await FakeDocker.create();
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
      sentence:
        /The volume tracing-playground_rabbitmq-data was made with another password; .*COMPOSE_RABBITMQ_PASSWORD/,
    },
    { problem: "emailer is not ready: it is away", sentence: /^ {2}emailer is not ready: it is/m },
  ]
) {
  integrationTest(`up fails and tells nobody to send where ${problem}`, async () => {
    await using docker = await FakeDocker.create();
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
  const [failing, problem] of [
    ["compose version", /Docker has no compose plugin; install/],
    ["version --format", /the Docker engine does not answer; start it/],
  ] as const
) {
  integrationTest(`up, down and logs say what to do when docker ${failing} fails`, async () => {
    await using docker = await FakeDocker.create();
    for (const task of ["up", "down", "logs"] as const) {
      const { code, output } = await docker.run(task, [], { FAKE_DOCKER_FAILS: failing });
      equal(code, 1);
      match(output, /^Cannot /m);
      match(output, problem);
    }
  });
}

integrationTest("up says what to do when there is no docker at all", async () => {
  await using docker = await FakeDocker.create();
  const { code, output } = await docker.run("up", [], { PATH: "/nowhere" });
  equal(code, 1, output);
  match(output, /there is no docker; install it .*deno task dev/);
});

integrationTest("down keeps the volumes unless it is told not to", async () => {
  await using docker = await FakeDocker.create();
  equal((await docker.run("down")).asked.at(-1), "compose down --remove-orphans");
  equal(
    (await docker.run("down", ["--volumes"])).asked.at(-1),
    "compose down --remove-orphans --volumes",
  );
});

integrationTest("logs follows, or shows the last lines of some containers", async () => {
  await using docker = await FakeDocker.create();
  equal((await docker.run("logs")).asked.at(-1), "compose logs --tail=100 --follow");
  equal(
    (await docker.run("logs", ["--no-follow", "--tail=5", "emailer"])).asked.at(-1),
    "compose logs --tail=5 emailer",
  );
});

for (const task of ["up", "down", "logs"] as const) {
  integrationTest(`${task} explains itself and refuses what it does not know`, async () => {
    await using docker = await FakeDocker.create();
    const help = await docker.run(task, ["--help"]);
    equal(help.code, 0);
    match(help.output, new RegExp(`Usage: deno task ${task} `));
    const wrong = await docker.run(task, ["--colour"]);
    equal(wrong.code, 2);
    match(wrong.output, /^Cannot understand the command: .*--colour.*--help/m);
    deepEqual([...help.asked, ...wrong.asked], []);
  });
}

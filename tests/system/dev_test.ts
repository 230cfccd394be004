/**
 * `deno task dev` as a command: how it starts, stops, keeps its parts running and is found by the other commands.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { type PlaygroundUrls, readUrls, ROOT } from "@playground/tasks/running-system";

/** A task as a process of its own, as a person starts it. */
interface TaskProcess extends AsyncDisposable {
  readonly child: Deno.ChildProcess;
  /** All that it wrote so far. */
  readonly output: () => string;
  /** Resolves with its exit code, once all that it wrote was read. */
  readonly exitCode: Promise<number>;
}

function startTask(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): TaskProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...args],
    cwd: ROOT,
    // A development system must not outlive a test run that was killed.
    env: { NO_COLOR: "1", STOP_AT_STDIN_EOF: "true", ...environment },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const read = Promise.all([child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  }));
  return {
    child,
    output: () => output,
    exitCode: read.then(() => child.status).then(({ code }) => code),
    async [Symbol.asyncDispose]() {
      await terminate(child);
      await child.stdin.close().catch(() => {});
      await read;
    },
  };
}

async function terminate(child: Deno.ChildProcess): Promise<void> {
  const ended = child.status;
  try {
    child.kill("SIGTERM");
  } catch (error) {
    // It has ended already.
    ok(error instanceof TypeError || error instanceof Deno.errors.NotFound);
  }
  await ended;
}

async function runTask(
  script: string,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
  await using task = startTask(script, args, environment);
  return { code: await task.exitCode, output: task.output() };
}

/** A development system in a folder of its own. */
interface DevSystem extends AsyncDisposable {
  readonly task: TaskProcess;
  readonly stateDirectory: string;
  readonly urls: PlaygroundUrls;
}

async function startDev(
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<DevSystem> {
  await using resources = new AsyncDisposableStack();
  const stateDirectory = await Deno.makeTempDir();
  resources.defer(() => Deno.remove(stateDirectory, { recursive: true }));
  const task = resources.use(
    startTask("tasks/dev/main.ts", ["--state", stateDirectory, ...args], environment),
  );
  let urls: PlaygroundUrls | undefined;
  await waitFor("dev is ready", async () => {
    urls = await readUrls(stateDirectory);
    return urls !== undefined && task.output().includes("Ready in");
  }, 30_000).catch((error) => {
    throw new Error(`${error}\n${task.output()}`);
  });
  ok(urls);
  const started = resources.move();
  return { task, stateDirectory, urls, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function messageServerPid({ messageServer }: PlaygroundUrls): Promise<number> {
  const { stdout } = await new Deno.Command("pgrep", {
    args: ["-n", "-f", `allow-net=127.0.0.1:${new URL(messageServer).port}`],
  }).output();
  return Number(new TextDecoder().decode(stdout));
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

const answers = (url: string) =>
  fetch(url).then((response) => response.body?.cancel()).then(() => true, () => false);

integrationTest("dev starts everything, tells where, and stops cleanly at Ctrl-C", async () => {
  await using dev = await startDev();
  deepEqual(Object.keys(dev.urls), [
    "messageServer",
    "zipkin",
    "amqp",
    "mongodb",
    "mailtrapApi",
    "smtp",
    "emailer",
    "faults",
  ]);
  equal(dev.task.output().match(/embedded/g)?.length, 5);
  ok(!dev.task.output().includes("guest:guest"), "credentials are not printed");
  dev.task.child.kill("SIGINT");
  equal(await dev.task.exitCode, 0);
  ok(!await exists(join(dev.stateDirectory, "urls.json")));
  equal(await answers(dev.urls.zipkin), false);
  equal(await answers(dev.urls.messageServer), false);
});

integrationTest(
  "dev stops at the end of standard input where STOP_AT_STDIN_EOF says so",
  async () => {
    await using dev = await startDev();
    await dev.task.child.stdin.close();
    equal(await dev.task.exitCode, 0);
    ok(!await exists(join(dev.stateDirectory, "urls.json")));
  },
);

integrationTest("dev takes a Ctrl-C that arrives twice for one", async () => {
  await using dev = await startDev();
  dev.task.child.kill("SIGINT");
  await waitFor("it stops", () => dev.task.output().includes("Stopping"));
  dev.task.child.kill("SIGINT");
  equal(await dev.task.exitCode, 0);
  ok(!await exists(join(dev.stateDirectory, "urls.json")));
});

integrationTest("dev leaves no urls.json when a second Ctrl-C ends it at once", async () => {
  await using dev = await startDev();
  // What does not answer holds the stop up.
  const pid = await messageServerPid(dev.urls);
  Deno.kill(pid, "SIGSTOP");
  try {
    dev.task.child.kill("SIGINT");
    await waitFor("it stops", () => dev.task.output().includes("Stopping"));
    const ended = dev.task.exitCode;
    // Those of the first half-second are the same.
    const again = setInterval(() => dev.task.child.kill("SIGINT"), 100);
    equal(await ended.finally(() => clearInterval(again)), 130);
    ok(!await exists(join(dev.stateDirectory, "urls.json")));
  } finally {
    Deno.kill(pid, "SIGKILL");
  }
});

integrationTest("the other commands find the system that dev --state started", async () => {
  await using dev = await startDev({ POLL_INTERVAL_SECONDS: "600", API_TOKEN: "t0ken" });
  const state = ["--state", dev.stateDirectory] as const;
  for (const command of ["fault", "send-email"]) {
    ok(dev.task.output().includes(`deno task ${command} --state ${dev.stateDirectory}`), command);
  }
  for (
    const [task, args, expected] of [
      ["fault", ["smtp.delay=1"], /^smtp\.delay=1 is on/],
      ["fault", [], /Switch all off: deno task fault clear --state \//],
      ["fault", ["clear"], /^No fault is on/],
      ["send_email", ["--no-wait"], /^Email {2}/],
      ["load", ["--count", "1", "--timeout", "1"], /accepted +1/],
      ["dead_letters", [], /no dead letter/i],
      ["dead_letters", ["show", "none"], /see deno task dead-letters list --state \//],
      ["doctor", [], new RegExp(`the playground runs, at ${dev.urls.messageServer}`)],
    ] as const
  ) {
    const { output } = await runTask(`tasks/${task}/main.ts`, [...args, ...state]);
    match(output, expected, `${task} ${args.join(" ")}: ${output}`);
  }
  const sent = await runTask("tasks/send_email/main.ts", ["--no-wait", "--json", ...state]);
  const { traceId } = JSON.parse(sent.output);
  let trace: Awaited<ReturnType<typeof runTask>> | undefined;
  await waitFor("the trace is known", async () => {
    trace = await runTask("tasks/trace/main.ts", [traceId, ...state]);
    return trace.code === 0;
  }, 20_000);
  match(trace?.output ?? "", /schedule-email/);
  const poll = await runTask("tasks/poll/main.ts", [...state]);
  equal(poll.code, 0, poll.output);
  const lesson = await runTask("tasks/lesson/main.ts", ["8", ...state]);
  equal(lesson.code, 0, lesson.output);
  ok(!lesson.output.includes("Starting a system"), lesson.output);
  match(lesson.output, /^ {2}deno task fault rabbitmq\.nack --state \//m);
});

integrationTest("dev says that one runs already in the same folder, and where", async () => {
  await using dev = await startDev();
  const second = await runTask("tasks/dev/main.ts", ["--state", dev.stateDirectory]);
  equal(second.code, 1);
  match(second.output, new RegExp(`runs already, at ${dev.urls.messageServer}`));
});

integrationTest("dev leaves no process behind when it is killed", async () => {
  await using dev = await startDev();
  dev.task.child.kill("SIGKILL");
  await dev.task.exitCode;
  for (const url of [dev.urls.messageServer, dev.urls.zipkin, dev.urls.mailtrapApi]) {
    await waitFor(`${url} is gone`, async () => !await answers(url), 20_000);
  }
  ok(await exists(join(dev.stateDirectory, "urls.json")));
  const state = ["--state", dev.stateDirectory] as const;
  for (
    const [task, ...args] of [
      ["send_email"],
      ["fault"],
      ["load", "--count", "1"],
      ["dead_letters"],
      ["poll"],
      ["trace", "0".repeat(31) + "1"],
      ["doctor"],
    ]
  ) {
    const { output } = await runTask(`tasks/${task}/main.ts`, [...args, ...state]);
    match(output, /the playground is not running; start it with: deno task dev --state \//, task);
  }
  // Nothing but files is left, and a file is no lock.
  await using again = await startDevIn(dev.stateDirectory);
  match(again.output(), /Ready in/);
});

async function startDevIn(stateDirectory: string): Promise<TaskProcess> {
  const task = startTask("tasks/dev/main.ts", ["--state", stateDirectory]);
  await waitFor("dev is ready again", () => task.output().includes("Ready in"), 30_000);
  return task;
}

integrationTest("dev starts a killed service again", async () => {
  await using dev = await startDev();
  Deno.kill(await messageServerPid(dev.urls), "SIGKILL");
  await waitFor("the end is told", () => /message-server │ ended/.test(dev.task.output()));
  await waitFor(
    "the message server answers again",
    () => answers(`${dev.urls.messageServer}/healthz`),
    20_000,
  );
});

integrationTest("dev starts no stand-in for a backing service that is configured", async () => {
  await using real = await startDev();
  const variables: Readonly<Record<string, string>> = JSON.parse(
    await Deno.readTextFile(join(real.stateDirectory, "variables.json")),
  );
  await using dev = await startDev(variables);
  equal(dev.task.output().match(/configured/g)?.length, 5);
  ok(!dev.task.output().includes("embedded"));
  equal(dev.urls.zipkin, real.urls.zipkin);
  const letters = await runTask("tasks/dead_letters/main.ts", ["--state", dev.stateDirectory]);
  match(letters.output, /no dead letter/i, "it finds the broker that dev was given");
  const { code, output } = await runTask("tasks/send_email/main.ts", [
    "--server",
    dev.urls.messageServer,
  ]);
  equal(code, 0, output);
});

integrationTest("dev refuses half a Mailtrap account and lists what is missing", async () => {
  const stateDirectory = await Deno.makeTempDir();
  const { code, output } = await runTask("tasks/dev/main.ts", ["--state", stateDirectory], {
    MAILTRAP_USER: "somebody",
    MAILTRAP_TOKEN: "sEcReT",
  });
  equal(code, 1);
  match(output, /MAILTRAP_PASSWORD: must be set/);
  match(output, /MAILTRAP_BOXID: must be set/);
  ok(!output.includes("sEcReT"));
  await Deno.remove(stateDirectory, { recursive: true });
});

integrationTest("dev says what is wrong with a setting, and ends", async () => {
  const stateDirectory = await Deno.makeTempDir();
  const { code, output } = await runTask("tasks/dev/main.ts", ["--state", stateDirectory], {
    AMQP_URL: "http://127.0.0.1",
    TRACE_SAMPLE_RATIO: "7",
  });
  equal(code, 1);
  match(output, /AMQP_URL: must be one or several amqp or amqps addresses/);
  match(output, /TRACE_SAMPLE_RATIO: must be a number from 0/);
  await Deno.remove(stateDirectory, { recursive: true });
});

integrationTest("send-email follows an email until it is archived", async () => {
  await using dev = await startDev({ POLL_INTERVAL_SECONDS: "1" });
  const { code, output } = await runTask("tasks/send_email/main.ts", [
    "--server",
    dev.urls.messageServer,
    "--subject",
    "Grüße 👋",
  ]);
  equal(code, 0, output);
  match(output, /^Email {2}[0-9a-f-]{36}$/m);
  match(output, /^Trace {2}http:\/\/127\.0\.0\.1:\d+\/zipkin\/traces\/[0-9a-f]{32}$/m);
  for (const name of ["schedule-email", "amqp-publish", "emailer", "send-email", "archive-email"]) {
    match(output, new RegExp(name));
  }
  match(output, /^archived/m);
});

integrationTest("send-email exits with 1 for a refused and for a dead-lettered email", async () => {
  await using dev = await startDev();
  const server = ["--server", dev.urls.messageServer];
  const refused = await runTask("tasks/send_email/main.ts", [...server, "--to", "nobody"]);
  equal(refused.code, 1);
  match(refused.output, /\/recipient\/address must be one email address/);
  const dead = await runTask("tasks/send_email/main.ts", [
    ...server,
    "--to",
    "bounce+550+no+such+user@example.com",
  ]);
  equal(dead.code, 1);
  match(dead.output, /^dead-lettered: refused for good: 550/m);
});

integrationTest(
  "send-email exits with 2 for a wrong option, with 3 at the time limit",
  async () => {
    await using dev = await startDev();
    const server = ["--server", dev.urls.messageServer];
    const wrong = await runTask("tasks/send_email/main.ts", ["--colour"]);
    equal(wrong.code, 2);
    match(wrong.output, /--help/);
    const late = await runTask("tasks/send_email/main.ts", [
      ...server,
      "--to",
      "bounce+451+come+back+later@example.com",
      "--timeout",
      "2",
    ]);
    equal(late.code, 3, late.output);
    match(late.output, /451 /);
  },
);

integrationTest("send-email --json writes one document, --no-wait does not follow", async () => {
  await using dev = await startDev({ POLL_INTERVAL_SECONDS: "1" });
  const server = ["--server", dev.urls.messageServer, "--json"];
  const followed = await runTask("tasks/send_email/main.ts", server);
  equal(followed.code, 0);
  equal(JSON.parse(followed.output).state.name, "archived");
  const sent = await runTask("tasks/send_email/main.ts", [...server, "--no-wait"]);
  equal(sent.code, 0);
  deepEqual(Object.keys(JSON.parse(sent.output)), [
    "id",
    "messageId",
    "traceId",
    "traceUrl",
    "sampled",
  ]);
});

for (
  const [setting, reason] of [
    [{ TRACE_SAMPLE_RATIO: "0" }, /not sampled/],
    [{ TRACE_THROUGH_SMTP: "off" }, /TRACE_THROUGH_SMTP=off/],
  ] as const
) {
  const name = Object.entries(setting).flat().join("=");
  integrationTest(
    `send-email exits with 0 and says why it cannot follow with ${name}`,
    async () => {
      await using dev = await startDev(setting);
      const { code, output } = await runTask("tasks/send_email/main.ts", [
        "--server",
        dev.urls.messageServer,
      ]);
      equal(code, 0);
      match(output, reason);
    },
  );
}

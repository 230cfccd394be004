/**
 * `deno task dev` as a command: how it starts, stops, keeps its parts running and is found by the other commands.
 *
 * @module
 */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { integrationTest, runProgram, temporaryFolder, waitFor } from "@playground/shared/testing";
import { type PlaygroundUrls, readRunning } from "@playground/tasks/running-system";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "@playground/tasks/standins";
import { BOUNCING } from "../fixture/emails.ts";
import { answersOk } from "../fixture/service_process.ts";
import { type Steps, takeSteps } from "../fixture/steps.ts";
import { runTask, TaskProcess } from "../fixture/task_process.ts";

interface DevSystem extends AsyncDisposable {
  readonly task: TaskProcess;
  readonly stateDirectory: string;
  readonly urls: PlaygroundUrls;
}

/** Starts a development system, in an existing folder if one is given. */
async function startDev(
  environment: Readonly<Record<string, string>> = {},
  stateDirectory?: string,
  options: readonly string[] = [],
): Promise<DevSystem> {
  await using resources = new AsyncDisposableStack();
  const state = stateDirectory ?? resources.use(await temporaryFolder()).path;
  const task = resources.use(new TaskProcess("dev", ["--state", state, ...options], environment));
  const isReady = () => task.output.includes("Ready in");
  await waitFor("dev is ready", isReady, 30_000, () => task.output);
  const running = await readRunning(state);
  ok(running);
  const { urls } = running;
  const started = resources.move();
  return { task, stateDirectory: state, urls, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function messageServerPid({ messageServer }: PlaygroundUrls): Promise<number> {
  const permission = `allow-net=127.0.0.1:${new URL(messageServer).port}`;
  const pid = Number((await runProgram("pgrep", ["-n", "-f", permission])).stdout);
  // A signal to the process 0 would reach this one, and its siblings.
  ok(pid > 0, `no process listens at ${messageServer}`);
  return pid;
}

const hasUrlsFile = ({ stateDirectory }: DevSystem) =>
  Deno.stat(join(stateDirectory, "urls.json")).then(() => true, () => false);

const healthOf = (url: string) => answersOk(new URL("/healthz", url).href);

/** Runs another command beside it. */
const run = ({ stateDirectory }: DevSystem, task: string, ...args: readonly string[]) =>
  runTask(task, [...args, "--state", stateDirectory]);

/** Types each answer when its question has appeared. */
async function sendFromTerminal(
  { stateDirectory }: DevSystem,
  args: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
) {
  const state = ["--state", stateDirectory];
  await using task = new TaskProcess("send_email", [...state, ...args], {}, true);
  for (const [question, answer] of answers) {
    await waitFor(`it asks: ${question}`, () => task.output.includes(question));
    await task.type(answer);
  }
  return { code: await task.exitCode, output: task.output };
}

const ON_A_TERMINAL: Steps<DevSystem> = {
  async "send-email asks on a terminal for what is missing"(dev) {
    const { code, output } = await sendFromTerminal(
      dev,
      ["--to", BOUNCING.recipient.address, "--body", "Hello"],
      [["From", "\r"], ["Subject", "Tea\r"]],
    );
    equal(code, 1, output);
    const [, id = ""] = /Email {2}([0-9a-f-]{36})/.exec(output) ?? [];
    const letter = await run(dev, "dead_letters", "show", id, "--body");
    match(letter.output, /^From +me@example\.com\n.*\nSubject +Tea\n\nHello$/m);
  },

  async "send-email sends nothing after Ctrl-C at a question"(dev) {
    const answers = [["From", "\r"], ["To", "\x03"]] as const;
    const { code, output } = await sendFromTerminal(dev, [], answers);
    match(output, /Nothing was sent/);
    deepEqual([code, output.includes("Subject")], [1, false]);
  },
};

const STEPS: Steps<DevSystem> = {
  "dev starts everything, and tells where"({ task, urls }) {
    ok(urls.faults);
    equal(task.output.match(/embedded/g)?.length, 5);
    ok(!task.output.includes("guest:guest"), "credentials are not printed");
  },

  async "dev --open says where nothing can open the page, and goes on"({ task, urls }) {
    await waitFor("it says so", () => task.output.includes("Cannot open the page: there is no"));
    ok(task.output.includes(`open ${urls.messageServer}/ in a browser yourself`));
  },

  async "dev reports one that already runs in the same folder, and where"(dev) {
    const second = await run(dev, "dev");
    equal(second.code, 1);
    match(second.output, new RegExp(`already runs, at ${dev.urls.messageServer}`));
  },

  async "the other commands find the system that dev --state started"(dev) {
    for (const command of ["fault", "send-email"]) {
      ok(dev.task.output.includes(`deno task ${command} --state ${dev.stateDirectory}`), command);
    }
    for (
      const [task, args, expected] of [
        ["fault", ["smtp.delay=1"], /^smtp\.delay=1 is on/],
        ["fault", [], /Switch all off: deno task fault clear --state \//],
        ["fault", ["clear"], /^All faults are off/],
        ["load", ["--count", "1", "--timeout", "1"], /accepted +1/],
        ["dead_letters", [], /no dead letter/i],
        ["dead_letters", ["show", "none"], /see deno task dead-letters list --state \//],
        ["poll", [], /./],
        ["doctor", [], new RegExp(`the playground runs, at ${dev.urls.messageServer}`)],
        ["lesson", ["8"], /^ {2}deno task fault rabbitmq\.nack --state \//m],
      ] as const
    ) {
      const { code, output } = await run(dev, task, ...args);
      match(output, expected, `${task} ${args.join(" ")}: ${output}`);
      if (task === "poll" || task === "lesson") equal(code, 0, output);
      ok(!output.includes("Starting a system"), output);
    }
  },

  async "lesson --json writes one document"(dev) {
    const { code, output } = await run(dev, "lesson", "8", "--json");
    equal(code, 0, output);
    const { number, missing, spans } = JSON.parse(output);
    deepEqual([number, missing, spans.length], [8, [], 2]);
  },

  async "send-email follows an email until it is archived, and trace shows it again"(dev) {
    const { code, output } = await run(dev, "send_email", "--subject", "Grüße 👋");
    equal(code, 0, output);
    const valueOf = (label: string) => new RegExp(`^${label} +(.*)$`, "m").exec(output)?.[1] ?? "";
    const id = valueOf("Email");
    match(id, /^[0-9a-f-]{36}$/);
    const [, traceId = ""] = /^http:.*\/zipkin\/traces\/([0-9a-f]{32})$/.exec(valueOf("Trace")) ??
      [];
    const page = `${dev.urls.messageServer}/#trace=${traceId}&email=${id}`;
    equal(valueOf("Page"), page);
    const spans = ["schedule-email", "amqp-publish", "emailer", "send-email", "archive-email"];
    for (const name of spans) match(output, new RegExp(name));
    match(output, /^archived/m);
    match((await run(dev, "trace", traceId)).output, /schedule-email/);
    const { output: compared } = await run(dev, "trace", page, "--compare", traceId);
    match(compared, /Spans: no difference\.$/m);
  },

  async "send-email exits with 1 for a refused and for a dead-lettered email"(dev) {
    const to = (address: string) => run(dev, "send_email", "--to", address);
    const refused = await to("nobody");
    equal(refused.code, 1);
    match(
      refused.output,
      /^Cannot send: Invalid email:\n {2}\/recipient\/address must be one email address/m,
    );
    const dead = await to(BOUNCING.recipient.address);
    equal(dead.code, 1);
    match(dead.output, /^dead-lettered: refused for good: 550/m);
    const [, page = "", id = ""] = /^Page +(.*&email=(.*))$/m.exec(dead.output) ?? [];
    const letter = await run(dev, "dead_letters", "show", id);
    match(letter.output, new RegExp(`^Page {8}${page}$`, "m"));
  },

  ...(Deno.build.os === "linux" && ON_A_TERMINAL),

  async "send-email exits with 3 at the time limit"(dev) {
    const to = "bounce+451+come+back+later@example.com";
    // The spans of its first attempt may arrive later.
    await waitFor("it says why the email is late", async () => {
      const late = await run(dev, "send_email", "--to", to, "--timeout", "1");
      equal(late.code, 3, late.output);
      return /451 /.test(late.output);
    });
  },

  async "send-email --json writes one document, --no-wait does not follow"(dev) {
    const followed = await run(dev, "send_email", "--json");
    equal(followed.code, 0);
    equal(JSON.parse(followed.output).state.name, "archived");
    const sent = await run(dev, "send_email", "--json", "--no-wait");
    equal(sent.code, 0);
    deepEqual(Object.keys(JSON.parse(sent.output)), [
      "id",
      "messageId",
      "traceId",
      "traceUrl",
      "pageUrl",
      "sampled",
    ]);
  },

  async "dev starts a killed service again"({ task, urls }) {
    Deno.kill(await messageServerPid(urls), "SIGKILL");
    await waitFor("the end is told", () => /message-server │ ended/.test(task.output));
    await waitFor("the message server answers again", () => healthOf(urls.messageServer));
  },

  async "dev stops cleanly at Ctrl-C, and takes one that arrives twice for one"(dev) {
    const startedAt = performance.now();
    dev.task.child.kill("SIGINT");
    await waitFor("it stops", () => dev.task.output.includes("Stopping"));
    dev.task.child.kill("SIGINT");
    // On a slow machine, half a second may have passed: then it is a second one.
    const isSame = performance.now() - startedAt < 400;
    const code = await dev.task.exitCode;
    if (isSame) equal(code, 0);
    equal(await hasUrlsFile(dev), false);
    equal(await healthOf(dev.urls.zipkin), false);
    equal(await healthOf(dev.urls.messageServer), false);
  },
};

integrationTest("dev, from its start to its end", async (context) => {
  // Without a browser: it says where the page is.
  await using dev = await startDev(
    { POLL_INTERVAL_SECONDS: "1", API_TOKEN: "t0ken", PATH: "" },
    undefined,
    ["--open"],
  );
  await takeSteps(context, dev, STEPS);
});

integrationTest("dev leaves no process behind when it is killed", async () => {
  await using dev = await startDev();
  dev.task.child.kill("SIGKILL");
  await dev.task.exitCode;
  for (const url of [dev.urls.messageServer, dev.urls.zipkin, dev.urls.mailtrapApi]) {
    await waitFor(`${url} is gone`, async () => !await healthOf(url));
  }
  ok(await hasUrlsFile(dev));
  for (
    const [task, ...args] of [
      ["send_email"],
      ["fault"],
      ["load", "--count", "1"],
      ["dead_letters"],
      ["poll"],
      ["trace", "0".repeat(31) + "1"],
      ["doctor"],
    ] as const
  ) {
    const { output } = await run(dev, task, ...args);
    match(output, /the playground is not running; start it with: deno task dev --state \//, task);
  }
  // Only files are left, which are no lock.
  await using again = await startDev({}, dev.stateDirectory);
  // It stops at the end of standard input with STOP_AT_STDIN_EOF.
  await again.task.child.stdin.close();
  equal(await again.task.exitCode, 0);
  equal(await hasUrlsFile(again), false);
});

integrationTest(
  "dev starts no stand-in for a backing service that is configured, and leaves no urls.json when a second Ctrl-C ends it at once",
  async () => {
    await using standIns = await startStandIns([...STAND_IN_NAMES], ANY_PORTS);
    await using dev = await startDev(standIns.variables);
    equal(dev.task.output.match(/configured/g)?.length, 5);
    ok(!dev.task.output.includes("embedded"));
    equal(dev.urls.zipkin, standIns.variables.ZIPKIN_URL);
    const letters = await run(dev, "dead_letters");
    match(letters.output, /no dead letter/i, "it finds the broker that dev was given");
    const { code, output } = await runTask("send_email", ["--server", dev.urls.messageServer]);
    equal(code, 0, output);

    // A component that does not answer delays the stop.
    const pid = await messageServerPid(dev.urls);
    Deno.kill(pid, "SIGSTOP");
    try {
      dev.task.child.kill("SIGINT");
      await waitFor("it stops", () => dev.task.output.includes("Stopping"));
      const ended = dev.task.exitCode;
      // Signals within the first half-second count as one.
      let hasEnded = false;
      const again = setInterval(() => hasEnded || dev.task.child.kill("SIGINT"), 100);
      void dev.task.child.status.then(() => hasEnded = true);
      equal(await ended.finally(() => clearInterval(again)), 130);
      equal(await hasUrlsFile(dev), false);
    } finally {
      Deno.kill(pid, "SIGKILL");
    }
  },
);

integrationTest("dev says what is wrong with a setting, and ends", async () => {
  await using folder = await temporaryFolder();
  const settings = { AMQP_URL: "http://sEcReT", TRACE_SAMPLE_RATIO: "7", PORT: "99999" };
  const { code, output } = await runTask("dev", ["--state", folder.path], settings);
  equal(code, 1);
  match(output, /PORT: must be a port number/);
  match(output, /AMQP_URL: must be one or several amqp or amqps addresses/);
  match(output, /TRACE_SAMPLE_RATIO: must be a number from 0/);
  equal(output.match(/TRACE_SAMPLE_RATIO/g)?.length, 1, "three services read it");
  ok(!output.includes("sEcReT"));
});

integrationTest("dev says once why a stand-in cannot open its state, and ends", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(join(folder.path, "amqp.sqlite"), "not a database".repeat(100));
  const { code, output } = await runTask("dev", ["--state", folder.path]);
  equal(code, 1);
  equal(output.match(/Cannot open the state in .+: file is not a database/g)?.length, 1, output);
  doesNotMatch(output, /^.+ at |starting it again/m);
});

/**
 * `deno task lesson`: each lesson is given on a system of its own, and its trace must be as the table describes it; the command
 * itself; and what it leaves behind.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  type CommandResult,
  integrationTest,
  resultOf,
  startDeno,
  waitFor,
} from "@playground/shared/testing";
import type { ActiveFault } from "@playground/tasks/faults";
import type { PlaygroundUrls } from "@playground/tasks/running-system";
import {
  giveLesson,
  type Lesson,
  LESSONS,
  type LessonSystem,
  runningLessonSystem,
  startLessonSystem,
} from "../../tasks/lesson/mod.ts";
import { startTestSystem } from "../fixture/test_system.ts";

/** A lesson takes a few seconds; a loaded machine is no reason to fail. */
const TIMEOUT_MS = 45_000;

for (const lesson of LESSONS) {
  integrationTest(`lesson ${lesson.number} shows what it describes: ${lesson.title}`, async () => {
    await using system = await startLessonSystem(lesson, new AbortController().signal);
    const signal = new AbortController().signal;
    const result = await giveLesson(lesson, { system, signal, timeoutMs: TIMEOUT_MS });
    deepEqual(result.missing, [], JSON.stringify(result.spans, null, 1));
    const left = await system.faults.list();
    ok(left.status === "ok");
    deepEqual(left.value.filter(({ active }) => active !== null), []);
  });
}

/** The faults that are on. */
async function activeFaults(
  { faults }: LessonSystem,
): Promise<Readonly<Record<string, ActiveFault | null>>> {
  const list = await faults.list();
  ok(list.status === "ok");
  const active = list.value.filter((fault) => fault.active !== null);
  return Object.fromEntries(active.map((fault) => [fault.name, fault.active]));
}

/** A lesson that can never be seen. */
const NEVER_SEEN: Lesson = {
  number: 0,
  title: "Never seen",
  introduction: "",
  faults: [{ name: "smtp.reply", value: "451" }],
  endState: "archived",
  expectedSpans: [{ span: "unheard-of", isFailed: true, explanation: "" }],
  checks: [{ kind: "archived" }],
  conclusion: "",
};

integrationTest("giveLesson() says what it has not seen, and mends what it broke", async () => {
  await using system = await startLessonSystem(NEVER_SEEN, new AbortController().signal);
  const signal = new AbortController().signal;
  const { missing } = await giveLesson(NEVER_SEEN, { system, signal, timeoutMs: 500 });
  match(missing.join("\n"), /no failed span unheard-of is seen/);
  match(missing.join("\n"), /the email is not archived but/);
  match(missing.join("\n"), /MongoDB has no mail of it/);
  await assertMended();

  // And when it is stopped in the middle.
  const stop = new AbortController();
  await giveLesson(NEVER_SEEN, {
    system,
    signal: stop.signal,
    timeoutMs: TIMEOUT_MS,
    onSent: () => stop.abort(),
  });
  await assertMended();

  async function assertMended(): Promise<void> {
    const left = await system.faults.list();
    ok(left.status === "ok");
    deepEqual(left.value.filter(({ active }) => active !== null), []);
  }
});

integrationTest("giveLesson() puts faults back as they were, and tells what is on", async () => {
  await using system = await startLessonSystem(NEVER_SEEN, new AbortController().signal);
  const signal = new AbortController().signal;
  const timeoutMs = 500;
  const lesson: Lesson = {
    ...NEVER_SEEN,
    faults: [...NEVER_SEEN.faults, { name: "smtp.delay" }, { name: "mongodb.delay" }],
  };
  await system.faults.set("smtp.reply", { value: "452", probability: 0.25 });
  await system.faults.set("smtp.delay", { value: "7", forMs: 600_000 });
  await system.faults.set("zipkin.reply", { probability: 0 });
  const before = await activeFaults(system);
  let during: typeof before = {};
  const { stillOn } = await giveLesson(lesson, {
    system: {
      ...system,
      client: {
        postEmail: async (...args) => {
          during = await activeFaults(system);
          return await system.client.postEmail(...args);
        },
        readTrace: (...question) => system.client.readTrace(...question),
      },
    },
    signal,
    timeoutMs,
  });
  // Killed now, it would leave nothing on.
  for (const { name } of lesson.faults) {
    const endsInMs = Date.parse(during[name]?.endsAt ?? "") - Date.now();
    ok(endsInMs > 0 && endsInMs < 60_000, `${name} ends in ${endsInMs} ms`);
  }
  const after = await activeFaults(system);
  deepEqual(stillOn, ["smtp.reply", "smtp.delay", "zipkin.reply"]);
  deepEqual(Object.keys(after), stillOn);
  deepEqual(after["smtp.reply"], before["smtp.reply"]);
  equal(after["smtp.delay"]?.value, "7");
  const shiftMs = Math.abs(
    Date.parse(after["smtp.delay"]?.endsAt ?? "") - Date.parse(before["smtp.delay"]?.endsAt ?? ""),
  );
  ok(shiftMs < 1_000, `it ends ${shiftMs} ms earlier or later than it would have`);
});

integrationTest(
  "runningLessonSystem() takes a running system, or says why it will not do",
  async () => {
    await using system = await startTestSystem();
    const { urls } = system.system;
    const [healthy] = LESSONS;
    const other = LESSONS.find(({ ownSystem }) => ownSystem !== undefined);
    ok(healthy !== undefined && other !== undefined);
    const reasonOf = async (lesson: Lesson, where: PlaygroundUrls | undefined) => {
      const result = await runningLessonSystem(lesson, where, undefined);
      return result.suits ? "suits" : result.reason;
    };
    equal(await reasonOf(healthy, urls), "suits");
    equal(await reasonOf(other, urls), other.ownSystem?.because);
    match(await reasonOf(healthy, undefined), /is not running/);
    match(await reasonOf(healthy, { ...urls, faults: undefined }), /without stand-ins/);
    match(await reasonOf(healthy, { ...urls, zipkin: "" }), /without a collector/);
    match(await reasonOf(healthy, { ...urls, faults: urls.messageServer }), /do not answer/);

    const found = await runningLessonSystem(healthy, urls, undefined);
    ok(found.suits);
    equal((await found.system.faults.set("smtp.delay", {})).status, "ok");
    const again = await runningLessonSystem(healthy, urls, undefined);
    deepEqual(again.suits && again.active.map(({ name }) => name), ["smtp.delay"]);
  },
);

function startLesson(...args: readonly string[]): Deno.ChildProcess {
  return startDeno(["run", "-A", "tasks/lesson/main.ts", ...args]);
}

async function runLesson(...args: readonly string[]): Promise<CommandResult> {
  return await resultOf(startLesson(...args));
}

integrationTest("lesson lists the lessons, helps, and refuses what is none", async () => {
  const list = await runLesson();
  equal(list.code, 0);
  for (const { number, title } of LESSONS) {
    match(list.output, new RegExp(`^ +${number}  ${title}`, "m"));
  }
  const help = await runLesson("--help");
  deepEqual([help.code, help.output.includes("Usage:")], [0, true]);
  const none = await runLesson("99");
  equal(none.code, 2);
  match(none.output, /There is no lesson 99; choose 1 to \d+/);
  equal((await runLesson("--colour")).code, 2);
});

integrationTest("lesson gives one on a system of its own, with the explanations", async () => {
  const { code, output } = await runLesson("1", "--own");
  equal(code, 0, output);
  match(output, /^Lesson 1: The journey of an email$/m);
  match(
    output,
    /^202 {2}http:\/\/127\.0\.0\.1:\d+\/zipkin\/traces\/[0-9a-f]{32} {2}\(while the lesson runs\)$/m,
  );
  match(output, /^schedule-email .*\n.*→ The request\./m);
  match(output, /^Seen as described\.\nNothing is broken any more\.$/m);
});

integrationTest("lesson --json writes one document", async () => {
  const { code, output } = await runLesson("8", "--own", "--json");
  equal(code, 0, output);
  const { number, missing, spans } = JSON.parse(output);
  deepEqual([number, missing, spans.length], [8, [], 2]);
});

integrationTest("lesson stops at Ctrl-C and leaves nothing behind", async () => {
  const child = startLesson("13", "--own");
  let output = "";
  const read = Promise.all([child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  }));
  await waitFor("the email is sent", () => /^202 /m.test(output), 30_000);
  child.kill("SIGINT");
  await read;
  equal((await child.status).code, 130, output);
  match(output, /^Stopped; the system of the lesson stops as well$/m);
  const url = /^202 {2}(?<origin>http:\/\/[^/]+)/m.exec(output)?.groups?.origin ?? "";
  const answers = await fetch(url).then((response) => response.body?.cancel()).then(
    () => true,
    () => false,
  );
  equal(answers, false, "the stand-ins have ended");
});

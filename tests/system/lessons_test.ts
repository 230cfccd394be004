/**
 * The lessons: the trace of each is as described; giving one reports the result and leaves nothing behind; and `deno task lesson`.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import type { RunningSystem } from "@playground/tasks/running-system";
import type { Lesson } from "../../tasks/lesson/lesson.ts";
import {
  type LessonSystem,
  runningLessonSystem,
  startLessonSystem,
} from "../../tasks/lesson/lesson_system.ts";
import { LESSONS } from "../../tasks/lesson/lessons/mod.ts";
import { giveLesson } from "../../tasks/lesson/run.ts";
import { answersOk } from "../fixture/service_process.ts";
import { allEnded, type Steps, takeSteps } from "../fixture/steps.ts";
import { runTask, TaskProcess } from "../fixture/task_process.ts";

/** A lesson takes a few seconds; the rest is for a loaded machine. */
const TIMEOUT_MS = 45_000;

const signal = new AbortController().signal;

const [FIRST] = LESSONS;
/** Whether a lesson needs a system with other settings. */
const NEEDY = LESSONS.find(({ ownSystem }) => ownSystem !== undefined);
ok(FIRST && NEEDY);

/** After these the poller lets the API rest, or the emailer the mail server. */
const LAST = [10, 7];
const order = ({ number }: Lesson) => LAST.indexOf(number);
const needsSettings = ({ ownSystem }: Lesson) => Object.keys(ownSystem?.settings ?? {}).length > 0;

integrationTest("each lesson shows what it describes", async (context) => {
  // Lesson 7 is among them: the login's fault shows although the emailer keeps connections that have logged in before.
  const ordinary = LESSONS.filter((lesson) => !needsSettings(lesson))
    .toSorted((a, b) => order(a) - order(b));
  const give = (lessons: readonly Lesson[], giveOne: (lesson: Lesson) => Promise<void>) => {
    const steps = lessons.map((lesson) =>
      [`${lesson.number}: ${lesson.title}`, () => giveOne(lesson)] as const
    );
    return takeSteps(context, undefined, Object.fromEntries(steps));
  };
  // A lesson is mostly a wait: several systems give them at once.
  await allEnded([
    ...[0, 1].map(async (half) => {
      await using system = await startLessonSystem(FIRST, signal);
      if (half === 0) await takeSteps(context, system, GIVING);
      const own = ordinary.filter((_, index) => index % 2 === half);
      await give(own, (lesson) => showsWhatItDescribes(lesson, system));
    }),
    give(LESSONS.filter(needsSettings), async (lesson) => {
      await using system = await startLessonSystem(lesson, signal);
      await showsWhatItDescribes(lesson, system);
    }),
  ]);
});

async function showsWhatItDescribes(lesson: Lesson, system: LessonSystem): Promise<void> {
  const result = await giveLesson(lesson, { system, signal, timeoutMs: TIMEOUT_MS });
  deepEqual(result.missing, [], JSON.stringify(result.spans, null, 1));
  deepEqual(await activeFaults(system), {});
}

async function activeFaults({ faults }: LessonSystem) {
  const list = await faults.list();
  ok(list.status === "ok");
  const active = list.value.filter((fault) => fault.active !== null);
  return Object.fromEntries(active.map((fault) => [fault.name, fault.active]));
}

/** A lesson whose trace never is as described. */
const NEVER_SEEN: Lesson = {
  number: 0,
  title: "Never seen",
  introduction: "",
  faults: [{ name: "smtp.reply", value: "451" }],
  expectedSpans: [{ name: "unheard-of", isFailed: true, explanation: "" }],
  checks: [{ kind: "archived" }],
  conclusion: "",
};

const GIVING: Steps<LessonSystem> = {
  async "/api/lessons gives one at a time, and mends what it broke"(system) {
    const ask = async (path: string, method = "GET") => {
      const body = method === "PUT" ? { body: "{}" } : {};
      const headers = { "content-type": "application/json" };
      const url = new URL(`/api/lessons${path}`, system.urls.messageServer);
      const response = await fetch(url, { method, headers, ...body });
      return { status: response.status, answer: await response.json() };
    };
    const breaksTheMailServer = () =>
      waitFor("smtp.reply is on", async () => "smtp.reply" in await activeFaults(system));
    const { answer: { lessons } } = await ask("");
    deepEqual(
      lessons.map(({ number }: Lesson) => number),
      LESSONS.map(({ number }) => number),
    );
    equal((await ask("/99", "PUT")).status, 404);
    const refused = await ask(`/${NEEDY.number}`, "PUT");
    equal(refused.status, 422);
    match(refused.answer.detail, new RegExp(`deno task lesson ${NEEDY.number}$`));

    equal((await ask("/3", "PUT")).status, 200);
    await breaksTheMailServer();
    // It stops lesson 3, whose fault must not strike its email.
    equal((await ask("/2", "PUT")).status, 200);
    await waitFor(
      "lesson 2 is over",
      async () => (await ask("/given")).answer.lesson.state !== "running",
      TIMEOUT_MS,
    );
    const { lesson: over } = (await ask("/given")).answer;
    deepEqual([over.number, over.state, over.missing], [2, "seen", []]);
    const steps: readonly { readonly rowKey?: string }[] = over.steps;
    ok(steps.every(({ rowKey }) => rowKey?.startsWith(over.email.traceId)));
    deepEqual(await activeFaults(system), {});

    await ask("/3", "PUT");
    await breaksTheMailServer();
    equal((await ask("/given", "DELETE")).answer.lesson.state, "stopped");
    deepEqual(await activeFaults(system), {});
  },

  async "giveLesson() says what is missing, restores the earlier faults, and says which are on"(
    system,
  ) {
    const lesson: Lesson = {
      ...NEVER_SEEN,
      faults: [...NEVER_SEEN.faults, { name: "smtp.delay" }, { name: "mongodb.delay" }],
    };
    await system.faults.set("smtp.reply", { value: "452", probability: 0.25 });
    await system.faults.set("smtp.delay", { value: "1", forMs: 600_000 });
    await system.faults.set("zipkin.reply", { probability: 0 });
    const before = await activeFaults(system);
    let during = activeFaults(system);
    const onSent = () => {
      during = activeFaults(system);
    };
    const given = await giveLesson(lesson, { system, signal, timeoutMs: 2_000, onSent });
    const missing = given.missing.join("\n");
    match(missing, /unheard-of \(failed\): missing/);
    match(missing, /the email is not archived but/);
    match(missing, /^0 of its emails are in MongoDB$/m);
    // If it were killed then, no fault would stay on.
    for (const { name } of lesson.faults) {
      const endsInMs = Date.parse((await during)[name]?.endsAt ?? "") - Date.now();
      ok(endsInMs > 0 && endsInMs < 60_000, `${name} ends in ${endsInMs} ms`);
    }
    const after = await activeFaults(system);
    deepEqual(given.stillOn, ["smtp.reply", "smtp.delay", "zipkin.reply"]);
    deepEqual(Object.keys(after), given.stillOn);
    deepEqual(after["smtp.reply"], before["smtp.reply"]);
    equal(after["smtp.delay"]?.value, "1");
    const endsAt = [before, after].map((faults) => Date.parse(faults["smtp.delay"]?.endsAt ?? ""));
    const shiftMs = Math.abs((endsAt[1] ?? NaN) - (endsAt[0] ?? NaN));
    // Less than the lesson took.
    ok(shiftMs < 2_000, `it ends ${shiftMs} ms earlier or later than it would have`);
    await system.faults.clearAll();
  },

  async "runningLessonSystem() takes a running system, or says why it will not do"(
    { urls, faults },
  ) {
    const running = (changes: Partial<RunningSystem["urls"]> = {}) => ({
      urls: { ...urls, ...changes },
      variables: {},
    });
    for (
      const [lesson, where, reason] of [
        [NEEDY, running(), NEEDY.ownSystem?.because],
        [FIRST, undefined, /is not running/],
        [FIRST, running({ faults: undefined }), /without stand-ins/],
        [FIRST, running({ zipkin: "" }), /without a collector/],
        [FIRST, running({ faults: urls.messageServer }), /do not answer/],
      ] as const
    ) {
      const result = await runningLessonSystem(lesson, where);
      ok(!result.suits);
      if (reason instanceof RegExp) match(result.reason, reason);
      else equal(result.reason, reason);
    }
    equal((await faults.set("smtp.delay", {})).status, "ok");
    const found = await runningLessonSystem(FIRST, running());
    deepEqual(found.suits && found.active.map(({ name }) => name), ["smtp.delay"]);
    await faults.clearAll();
  },
};

const runLesson = (...args: readonly string[]) => runTask("lesson", args);

integrationTest("lesson lists the lessons, and refuses an unknown one", async () => {
  const list = await runLesson();
  equal(list.code, 0);
  for (const { number, title } of LESSONS) {
    match(list.output, new RegExp(`^ +${number}  ${title}`, "m"));
  }
  const none = await runLesson("99");
  equal(none.code, 2);
  match(none.output, /: there is no lesson 99; choose 1 to \d+/);
});

integrationTest("lesson gives one on a system of its own, with the explanations", async () => {
  const { code, output } = await runLesson("1", "--own");
  equal(code, 0, output);
  match(output, /^Lesson 1: The journey of an email$/m);
  match(output, /^202 {2}trace [0-9a-f]{32}$/m);
  match(output, /^schedule-email .*\n.*→ The request\./m);
  match(output, /^Every point of this lesson holds .*\nIts system is gone; /m);
});

integrationTest("lesson keeps its own system until Enter, on a terminal", async () => {
  await using lesson = new TaskProcess("lesson", ["14", "--own"], {}, true);
  await waitFor("it is over", () => /until you press Enter/.test(lesson.output));
  const url = /^202 {2}(?<origin>http:\/\/[^/]+)/m.exec(lesson.output)?.groups?.origin ?? "";
  equal(await answersOk(url), true, lesson.output);
  await lesson.type("\r");
  equal(await lesson.exitCode, 0, lesson.output);
  equal(await answersOk(url), false, "it has ended");
}, { ...Deno.build.os !== "linux" && { ignoredBecause: "it needs Linux" } });

integrationTest("giveLesson() ends when its system does", async () => {
  const { signal } = new AbortController();
  const system = await startLessonSystem(NEVER_SEEN, signal);
  const end = Promise.withResolvers<void>();
  const onSent = () => end.resolve(system[Symbol.asyncDispose]());
  const giving = giveLesson(NEVER_SEEN, { system, signal, onSent });
  await rejects(giving, /^Error: Cannot give the lesson: the stand-ins .*; does its system/);
  await end.promise;
});

for (
  const [signal, event] of [["SIGINT", "Ctrl-C"], ["SIGHUP", "the end of its terminal"]] as const
) {
  integrationTest(`lesson stops at ${event} and leaves nothing behind`, async () => {
    await using folder = await temporaryFolder();
    await using lesson = new TaskProcess("lesson", ["13", "--own"], { TMPDIR: folder.path });
    await waitFor("the email is sent", () => /^202 /m.test(lesson.output));
    lesson.child.kill(signal);
    equal(await lesson.exitCode, 130, lesson.output);
    match(lesson.output, /^Stopped; the system of the lesson stops as well$/m);
    deepEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
  }, { ...Deno.build.os === "windows" && { ignoredBecause: "Windows has no SIGHUP" } });
}

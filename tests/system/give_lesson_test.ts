/**
 * What `giveLesson()` and `/api/lessons` say and leave behind. `lessons_test.ts` gives each lesson.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { RunningSystem } from "@playground/tasks/running-system";
import type { Lesson } from "../../tasks/lesson/lesson.ts";
import { type LessonSystem, runningLessonSystem } from "../../tasks/lesson/lesson_system.ts";
import { LESSONS } from "../../tasks/lesson/lessons/mod.ts";
import { giveLesson } from "../../tasks/lesson/run.ts";
import { startTestSystem } from "../fixture/test_system.ts";

/** A lesson takes a few seconds; a loaded machine is no reason to fail. */
const TIMEOUT_MS = 45_000;

const signal = new AbortController().signal;

integrationTest("giving lessons on a running system", async (context) => {
  await using test = await startTestSystem();
  const [ordinary] = LESSONS;
  ok(ordinary);
  const found = await runningLessonSystem(ordinary, test.system);
  ok(found.suits);
  const { system } = found;
  await context.step(
    "/api/lessons gives one at a time, and mends what it broke",
    () => givesLessonsByHttp(system),
  );
  await context.step(
    "giveLesson() says what it has not seen, and mends what it broke",
    async () => {
      const { missing } = await giveLesson(NEVER_SEEN, { system, signal, timeoutMs: 500 });
      match(missing.join("\n"), /unheard-of \(failed\): missing/);
      match(missing.join("\n"), /the email is not archived but/);
      match(missing.join("\n"), /^0 of its emails are in MongoDB$/m);
      deepEqual(await activeFaults(system), {});
    },
  );
  await context.step(
    "giveLesson() puts faults back as they were, and tells what is on",
    () => putsFaultsBack(system),
  );
  await context.step(
    "runningLessonSystem() takes a running system, or says why it will not do",
    () => saysWhyItWillNotDo(ordinary, test.system),
  );
});

async function activeFaults({ faults }: LessonSystem) {
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
  expectedSpans: [{ name: "unheard-of", isFailed: true, explanation: "" }],
  checks: [{ kind: "archived" }],
  conclusion: "",
};

async function putsFaultsBack(system: LessonSystem): Promise<void> {
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
  const { stillOn } = await giveLesson(lesson, { system, signal, timeoutMs: 2_000, onSent });
  // Killed then, it would leave nothing on.
  for (const { name } of lesson.faults) {
    const endsInMs = Date.parse((await during)[name]?.endsAt ?? "") - Date.now();
    ok(endsInMs > 0 && endsInMs < 60_000, `${name} ends in ${endsInMs} ms`);
  }
  const after = await activeFaults(system);
  deepEqual(stillOn, ["smtp.reply", "smtp.delay", "zipkin.reply"]);
  deepEqual(Object.keys(after), stillOn);
  deepEqual(after["smtp.reply"], before["smtp.reply"]);
  equal(after["smtp.delay"]?.value, "1");
  const endsAt = [before, after].map((faults) => Date.parse(faults["smtp.delay"]?.endsAt ?? ""));
  const shiftMs = Math.abs((endsAt[1] ?? NaN) - (endsAt[0] ?? NaN));
  ok(shiftMs < 1_000, `it ends ${shiftMs} ms earlier or later than it would have`);
  for (const { name } of [...lesson.faults, { name: "zipkin.reply" } as const]) {
    await system.faults.clear(name);
  }
}

async function givesLessonsByHttp(system: LessonSystem): Promise<void> {
  const ask = async (path: string, method = "GET") => {
    const body = method === "PUT" ? { body: "{}" } : {};
    const headers = { "content-type": "application/json" };
    const url = new URL(`/api/lessons${path}`, system.urls.messageServer);
    const response = await fetch(url, { method, headers, ...body });
    return { status: response.status, answer: await response.json() };
  };
  const { answer: { lessons } } = await ask("");
  deepEqual(
    lessons.map(({ number }: Lesson) => number),
    LESSONS.map(({ number }) => number),
  );
  equal((await ask("/99", "PUT")).status, 404);
  const needy = LESSONS.find(({ ownSystem }) => ownSystem !== undefined);
  const refused = await ask(`/${needy?.number}`, "PUT");
  equal(refused.status, 422);
  match(refused.answer.detail, new RegExp(`deno task lesson ${needy?.number}$`));

  equal((await ask("/3", "PUT")).status, 200);
  await waitFor("lesson 3 breaks the mail server", async () => {
    return "smtp.reply" in await activeFaults(system);
  });
  // It stops lesson 3, whose fault must not strike its email.
  equal((await ask("/2", "PUT")).status, 200);
  await waitFor(
    "lesson 2 is over",
    async () => (await ask("/given")).answer.lesson.state !== "running",
    TIMEOUT_MS,
  );
  const { lesson: over } = (await ask("/given")).answer;
  deepEqual([over.number, over.state, over.missing], [2, "seen", []]);
  ok(over.steps.every(({ rowKey }: { rowKey?: string }) => rowKey?.startsWith(over.email.traceId)));
  deepEqual(await activeFaults(system), {});

  await ask("/3", "PUT");
  await waitFor("it is broken again", async () => "smtp.reply" in await activeFaults(system));
  equal((await ask("/given", "DELETE")).answer.lesson.state, "stopped");
  deepEqual(await activeFaults(system), {});
}

async function saysWhyItWillNotDo(ordinary: Lesson, running: RunningSystem): Promise<void> {
  const other = LESSONS.find(({ ownSystem }) => ownSystem !== undefined);
  ok(other);
  const { urls } = running;
  const reasonOf = async (lesson: Lesson, changes: Partial<RunningSystem["urls"]> = {}) => {
    const result = await runningLessonSystem(lesson, { ...running, urls: { ...urls, ...changes } });
    return result.suits ? "suits" : result.reason;
  };
  equal(await reasonOf(other), other.ownSystem?.because);
  match(await reasonOf(ordinary, { faults: undefined }), /without stand-ins/);
  match(await reasonOf(ordinary, { zipkin: "" }), /without a collector/);
  match(await reasonOf(ordinary, { faults: urls.messageServer }), /do not answer/);

  deepEqual(await runningLessonSystem(ordinary, undefined), {
    suits: false,
    reason: "the playground is not running",
  });
  const found = await runningLessonSystem(ordinary, running);
  ok(found.suits);
  equal((await found.system.faults.set("smtp.delay", {})).status, "ok");
  const again = await runningLessonSystem(ordinary, running);
  deepEqual(again.suits && again.active.map(({ name }) => name), ["smtp.delay"]);
}

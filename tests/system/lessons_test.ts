/**
 * Each lesson is given, and its trace must be as the table describes it.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import type { Lesson } from "../../tasks/lesson/lesson.ts";
import { type LessonSystem, startLessonSystem } from "../../tasks/lesson/lesson_system.ts";
import { LESSONS } from "../../tasks/lesson/lessons/mod.ts";
import { giveLesson } from "../../tasks/lesson/run.ts";
import { takeSteps } from "../fixture/steps.ts";

/** A lesson takes a few seconds; a loaded machine is no reason to fail. */
const TIMEOUT_MS = 45_000;

const signal = new AbortController().signal;

/** After these the poller lets the API rest, or the emailer the mail server. */
const LAST = [10, 7];
const order = ({ number }: Lesson) => LAST.indexOf(number);
const needsSettings = ({ ownSystem }: Lesson) => Object.keys(ownSystem?.settings ?? {}).length > 0;

integrationTest("each lesson shows what it describes", async (context) => {
  // Lesson 7 is among them: the login's fault shows although the emailer keeps connections that have logged in before.
  const ordinary = LESSONS.filter((lesson) => !needsSettings(lesson))
    .toSorted((a, b) => order(a) - order(b));
  const [first] = ordinary;
  ok(first);
  const give = (lessons: readonly Lesson[], giveOne: (lesson: Lesson) => Promise<void>) => {
    const steps = lessons.map((lesson) =>
      [`${lesson.number}: ${lesson.title}`, () => giveOne(lesson)] as const
    );
    return takeSteps(context, undefined, Object.fromEntries(steps));
  };
  // A lesson is mostly a wait: several systems give them at once.
  await Promise.all([
    ...[0, 1].map(async (half) => {
      await using system = await startLessonSystem(first, signal);
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
  const faults = await system.faults.list();
  ok(faults.status === "ok");
  deepEqual(faults.value.filter(({ active }) => active !== null), []);
}

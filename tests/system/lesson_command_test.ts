/**
 * `deno task lesson` itself: what it prints, how it ends, and that it leaves nothing behind.
 *
 * @module
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import { LESSONS } from "../../tasks/lesson/lessons/mod.ts";
import { answersOk } from "../fixture/service_process.ts";
import { runTask, TaskProcess } from "../fixture/task_process.ts";

const runLesson = (...args: readonly string[]) => runTask("lesson", args);

integrationTest("lesson lists the lessons, and refuses what is none", async () => {
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
  match(output, /^Seen as described\.\nIts system is gone; /m);
});

integrationTest("lesson keeps its own system until Enter, on a terminal", async () => {
  await using lesson = new TaskProcess("lesson", ["14", "--own"], {}, true);
  await waitFor("it is over", () => /until you press Enter/.test(lesson.output), 30_000);
  const url = /^202 {2}(?<origin>http:\/\/[^/]+)/m.exec(lesson.output)?.groups?.origin ?? "";
  equal(await answersOk(url), true, lesson.output);
  const keyboard = lesson.child.stdin.getWriter();
  await keyboard.write(new TextEncoder().encode("\r"));
  keyboard.releaseLock();
  equal(await lesson.exitCode, 0, lesson.output);
  equal(await answersOk(url), false, "it has ended");
}, { ...Deno.build.os !== "linux" && { ignoredBecause: "it needs Linux" } });

integrationTest("lesson stops at Ctrl-C and leaves nothing behind", async () => {
  await using folder = await temporaryFolder();
  await using lesson = new TaskProcess("lesson", ["13", "--own"], { TMPDIR: folder.path });
  await waitFor("the email is sent", () => /^202 /m.test(lesson.output), 30_000);
  lesson.child.kill("SIGINT");
  equal(await lesson.exitCode, 130, lesson.output);
  match(lesson.output, /^Stopped; the system of the lesson stops as well$/m);
  deepEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
});

/**
 * `deno task lesson`: breaks one thing, sends an email, and shows in its trace what happened and why.
 *
 * A lesson is data (`lessons/`): the faults, what is sent, and the rows that its trace must have, each with an explanation.
 * {@linkcode giveLesson} sets the faults on a system, sends the emails, and reads the traces until all rows are there. The page gives
 * the same lessons (`classroom.ts`), and tests give each of them.
 *
 * Without a number it lists the lessons. With one it takes the running development system, or starts its own where none runs or
 * that one does not suit; gives the lesson; draws the trace with the explanations; and restores the faults, even after Ctrl-C.
 *
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { stopRequested } from "@playground/shared/lifecycle";
import { readRunning, stateOption, taskCommand } from "@playground/tasks/running-system";
import {
  drawWaterfall,
  EXIT_STOPPED,
  failWith,
  isScreen,
  liveArea,
  startTask,
  taskCommandLine,
  terminalOptions,
} from "@playground/tasks/terminal";
import type { PostResult } from "@playground/tasks/clients/message-server";
import type { Lesson } from "./lesson.ts";
import { type LessonSystem, runningLessonSystem, startLessonSystem } from "./lesson_system.ts";
import { LESSONS } from "./lessons/mod.ts";
import {
  describeAnswer,
  describeBeginning,
  describeEnd,
  describeFaultsLeft,
  describeLessons,
  drawLesson,
} from "./report.ts";
import { giveLesson } from "./run.ts";

const EXIT_NOT_SEEN = 1;

const commandLine = taskCommandLine(
  "lesson",
  "Breaks one thing, sends an email, and shows in its trace what happened and why.",
)
  .argument("[number]", "the lesson; without it, all are listed", lessonOf)
  .option("--own", "start a system for the lesson even if deno task dev runs")
  .addOption(stateOption())
  .option("--json", "write the result as one JSON document")
  .addHelpText(
    "after",
    `
It uses the system that deno task dev started, or starts one for the lesson.
Exit code: 0 the trace is as described; 1 it is not; 2 wrong usage; 130 Ctrl-C.
tasks/standins/faults.md explains each fault.`,
  )
  .parse(startTask(), { from: "user" });

Deno.exit(await run(commandLine.processedArgs[0]));

async function run(lesson: Lesson | undefined): Promise<number> {
  if (lesson === undefined) {
    console.log(`${describeLessons(LESSONS)}\n\nGive one: deno task lesson 1`);
    return 0;
  }
  const stop = new AbortController();
  stopRequested({ atHangUp: true }).then(() => stop.abort(new Error("stopped")));
  try {
    return await give(lesson, commandLine.opts(), stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return EXIT_STOPPED;
    failWith(error);
  }
}

function lessonOf(text: string): Lesson {
  const lesson = LESSONS.find(({ number }) => String(number) === text);
  if (lesson !== undefined) return lesson;
  throw new InvalidArgumentError(`there is no lesson ${text}; choose 1 to ${LESSONS.length}`);
}

async function give(
  lesson: Lesson,
  { own, json, state: stateDirectory }: ReturnType<typeof commandLine.opts>,
  signal: AbortSignal,
): Promise<number> {
  const terminal = terminalOptions();
  const say = json ? () => {} : (text: string) => console.log(text);
  say(`${describeBeginning(lesson, terminal, stateDirectory)}\n`);
  await using resources = new AsyncDisposableStack();
  const running = own ? undefined : await runningSystem(lesson, stateDirectory, say);
  if (own) say("Starting a system for this lesson (--own) …\n");
  const system = running ?? resources.use(await startLessonSystem(lesson, signal));
  const isOwn = running === undefined;
  const isLive = isScreen() && !json;
  const isKept = isOwn && !json && Deno.stdout.isTerminal() && Deno.stdin.isTerminal();
  const describe = (answer: PostResult) => describeAnswer(answer, !isOwn || isKept);
  const draw = liveArea();
  const result = await giveLesson(lesson, {
    system,
    signal,
    onSent: (answers) => say(`${answers.map(describe).join("\n")}\n`),
    onProgress: (spans) => {
      if (isLive) draw(drawWaterfall(spans, terminal).trimEnd());
    },
  });
  if (signal.aborted) {
    const rest = isOwn
      ? "; the system of the lesson stops as well"
      : ["", ...describeFaultsLeft(lesson, result, stateDirectory)].join(". ");
    say(`\nStopped${rest}`);
    return EXIT_STOPPED;
  }
  // The picture with the explanations replaces the live one.
  if (isLive) draw("");
  if ((lesson.emailCount ?? 1) > 1 && result.answer) {
    say(`In the picture: ${describe(result.answer)}\n`);
  }
  const end = describeEnd(lesson, result, terminal, stateDirectory);
  say(`${drawLesson(lesson, result, terminal)}\n\n${end}`);
  if (json) console.log(JSON.stringify({ number: lesson.number, ...result }));
  if (isKept) {
    say("\nIts system runs until you press Enter, and the link leads to its page.");
    const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve));
    await Promise.race([Deno.stdin.read(new Uint8Array(1)), stopped]);
  } else if (isOwn) {
    say("Its system is gone; on a terminal it stays until you press Enter.");
  }
  return result.missing.length === 0 ? 0 : EXIT_NOT_SEEN;
}

/** The running development system; if it does not suit, prints why. */
async function runningSystem(
  lesson: Lesson,
  stateDirectory: string,
  say: (text: string) => void,
): Promise<LessonSystem | undefined> {
  const running = await runningLessonSystem(lesson, await readRunning(stateDirectory));
  if (!running.suits) {
    say(`Starting a system for this lesson (${running.reason}) …\n`);
    return undefined;
  }
  if (running.active.length > 0) {
    const names = running.active.map(({ name }) => name).join(", ");
    const clear = taskCommand("fault clear", stateDirectory);
    say(
      `Faults are already on, which may spoil the lesson: ${names}; ${clear} switches them off\n`,
    );
  }
  return running.system;
}

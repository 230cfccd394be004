import { spanKey } from "@playground/shared/waterfall";
import type { PostResult } from "@playground/tasks/clients/message-server";
import { taskCommand } from "@playground/tasks/running-system";
import { drawWaterfall, tableLines, type TerminalOptions, wrap } from "@playground/tasks/terminal";
import { type Lesson, remarksOn } from "./lesson.ts";
import type { LessonResult } from "./run.ts";

/** Longer lines are hard to read. */
const MAX_TEXT_COLUMNS = 100;

export function describeLessons(lessons: readonly Lesson[]): string {
  return tableLines(lessons.map((lesson) => [
    String(lesson.number).padStart(3),
    lesson.title,
    faultWords(lesson).join(" "),
  ])).join("\n");
}

/** The text before a lesson. */
export function describeBeginning(
  lesson: Lesson,
  terminal: TerminalOptions,
  stateDirectory: string,
): string {
  const commands = faultWords(lesson).map((fault) =>
    `  ${taskCommand(`fault ${fault}`, stateDirectory)}`
  );
  return [
    `Lesson ${lesson.number}: ${lesson.title}`,
    "",
    ...paragraph(lesson.introduction, terminal),
    ...commands.length === 0 ? [] : ["", ...commands],
  ].join("\n");
}

export function describeAnswers(answers: readonly PostResult[], isOwnSystem: boolean): string {
  return answers.map((answer) => {
    switch (answer.status) {
      case "accepted":
        return answer.email.pageUrl === undefined
          ? `202  ${answer.email.traceId}`
          : `202  ${answer.email.pageUrl}${isOwnSystem ? "  (while the lesson runs)" : ""}`;
      case "refused":
        return `${answer.httpStatus}  ${answer.lines.join(" ")}`;
      case "unreachable":
        return `The message server does not answer: ${answer.reason}`;
    }
  }).join("\n");
}

/** The picture of a lesson, with each explanation below its row. */
export function drawLesson(
  lesson: Lesson,
  { spans }: LessonResult,
  terminal: TerminalOptions,
): string {
  const remarks = remarksOn(lesson, spans);
  const picture = drawWaterfall(spans, {
    ...terminal,
    remarksOn: (row) => remarks.get(spanKey(row)) ?? [],
  }).trimEnd();
  return picture === "" ? "The collector has no span of it." : picture;
}

/** The text after a lesson. */
export function describeEnd(
  lesson: Lesson,
  result: LessonResult,
  terminal: TerminalOptions,
  stateDirectory: string,
): string {
  const { missing, checkResults } = result;
  return [
    ...checkResults.map(({ text }) => text),
    ...checkResults.length === 0 ? [] : [""],
    ...paragraph(lesson.conclusion, terminal),
    "",
    ...missing.length === 0
      ? ["Seen as described."]
      : ["Not seen as described:", ...missing.map((line) => `  ${line}`)],
    describeFaultsLeft(result, stateDirectory),
  ].join("\n");
}

export function describeFaultsLeft(
  { stillOn }: Pick<LessonResult, "stillOn">,
  stateDirectory: string,
): string {
  const clear = taskCommand("fault clear", stateDirectory);
  if (stillOn === undefined) {
    return `The stand-ins do not answer whether a fault is still on; ${clear} switches it off.`;
  }
  return stillOn.length === 0
    ? "All faults are off."
    : `Still on: ${stillOn.join(", ")}; ${clear} switches it off.`;
}

function faultWords({ faults }: Lesson): readonly string[] {
  return faults.map(({ name, value }) => value === undefined ? name : `${name}=${value}`);
}

function paragraph(text: string, { columns }: TerminalOptions): readonly string[] {
  return wrap(text, Math.min(columns, MAX_TEXT_COLUMNS));
}

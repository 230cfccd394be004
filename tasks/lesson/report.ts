import { spanKey } from "@playground/shared/waterfall";
import type { PostResult } from "@playground/tasks/clients/message-server";
import { taskCommand } from "@playground/tasks/running-system";
import {
  drawWaterfall,
  paragraph,
  tableLines,
  type TerminalOptions,
} from "@playground/tasks/terminal";
import { type Lesson, remarksOn } from "./lesson.ts";
import type { LessonResult } from "./run.ts";

export function describeLessons(lessons: readonly Lesson[]): string {
  return tableLines(lessons.map((lesson) => [
    String(lesson.number).padStart(3),
    lesson.title,
    faultWords(lesson).join(" "),
  ])).join("\n");
}

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

/** The answer to an email, with the email's page if its system outlives the lesson. */
export function describeAnswer(answer: PostResult, isPageLasting: boolean): string {
  switch (answer.status) {
    case "accepted": {
      const { pageUrl, traceId } = answer.email;
      return `202  ${isPageLasting && pageUrl !== undefined ? pageUrl : `trace ${traceId}`}`;
    }
    case "refused":
      return `${answer.httpStatus}  ${answer.lines.join(" ")}`;
    case "unreachable":
      return `No answer of the message server: ${answer.reason}`;
  }
}

export function drawLesson(
  lesson: Lesson,
  { spans, faultTime }: LessonResult,
  terminal: TerminalOptions,
): string {
  const remarks = remarksOn(lesson, spans);
  const picture = drawWaterfall(spans, {
    ...terminal,
    ...lesson.faultLabel && { period: { label: lesson.faultLabel, ...faultTime } },
    remarksOn: (row) => remarks.get(spanKey(row)) ?? [],
  }).trimEnd();
  return picture === "" ? "The collector has no span of it." : picture;
}

export function describeEnd(
  lesson: Lesson,
  result: LessonResult,
  terminal: TerminalOptions,
  stateDirectory: string,
): string {
  const { missing, checkResults } = result;
  return [
    ...checkResults.flatMap(({ text }) => paragraph(text, terminal)),
    ...checkResults.length === 0 ? [] : [""],
    ...paragraph(lesson.conclusion, terminal),
    "",
    ...missing.length === 0 ? ["Every point of this lesson holds in the trace of your email."] : [
      "The trace of your email differs from this lesson:",
      ...missing.map((line) => `  ${line}`),
    ],
    ...describeFaultsLeft(lesson, result, stateDirectory),
  ].join("\n");
}

export function describeFaultsLeft(
  { faults }: Lesson,
  { stillOn }: Pick<LessonResult, "stillOn">,
  stateDirectory: string,
): readonly string[] {
  const clear = taskCommand("fault clear", stateDirectory);
  if (stillOn === undefined) {
    return [`The stand-ins do not say whether a fault is still on; ${clear} switches it off.`];
  }
  if (stillOn.length > 0) return [`Still on: ${stillOn.join(", ")}; ${clear} switches it off.`];
  return faults.length === 0 ? [] : ["All faults are off."];
}

function faultWords({ faults }: Lesson): readonly string[] {
  return faults.map(({ name, value, probability }) =>
    (value === undefined ? name : `${name}=${value}`) +
    (probability === undefined ? "" : ` probability=${probability}`)
  );
}

/**
 * The lessons of the playground, and how one is given.
 *
 * A lesson is data ({@linkcode LESSONS}): the faults, what is sent, and the rows that its trace must have, each with an
 * explanation. {@linkcode giveLesson} sets the faults on a {@linkcode LessonSystem}, sends the emails, watches the traces until
 * all is seen, and always restores the faults. The command draws what was seen; the tests run the same table.
 *
 * @module
 */
export { LESSONS } from "./lessons/mod.ts";
export type { Lesson } from "./lesson.ts";
export { type LessonSystem, runningLessonSystem, startLessonSystem } from "./lesson_system.ts";
export { giveLesson } from "./run.ts";

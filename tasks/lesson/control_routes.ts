import { type Context, Hono } from "@hono/hono";
import { hasJson, methodNotAllowed, problem } from "@playground/tasks/control";
import { readRunningVariables, readUrls } from "@playground/tasks/running-system";
import { Classroom } from "./classroom.ts";
import { runningLessonSystem } from "./lesson_system.ts";
import { LESSONS } from "./lessons/mod.ts";

/** Two polls, the first steps of the retry ladder, and a margin. */
const TIMEOUT_MS = 60_000;

/** The collection `lessons` of the control server, for the system that keeps its state in this folder. */
export function lessonRoutesOf(stateDirectory: string): Hono {
  const classroom = new Classroom({
    timeoutMs: TIMEOUT_MS,
    findSystem: async (lesson) => {
      const { API_TOKEN } = await readRunningVariables(stateDirectory);
      return await runningLessonSystem(lesson, await readUrls(stateDirectory), API_TOKEN);
    },
  });
  return lessonRoutes(classroom);
}

/** Lists, starts and stops the lessons, and tells what has been seen of one. */
function lessonRoutes(classroom: Classroom): Hono {
  const lessonIn = (c: Context) =>
    LESSONS.find(({ number }) => String(number) === c.req.param("number"));
  return new Hono()
    .get("/", (c) =>
      c.json({
        lessons: LESSONS.map(({ number, title, introduction, conclusion, faults, ownSystem }) => ({
          number,
          title,
          introduction,
          conclusion,
          faults,
          ownSystemBecause: ownSystem?.because,
        })),
      }))
    .get("/given", (c) => c.json({ lesson: classroom.given ?? null }))
    .delete("/given", async (c) => {
      await classroom.stop();
      return c.json({ lesson: classroom.given ?? null });
    })
    .put("/:number{\\d+}", async (c) => {
      const lesson = lessonIn(c);
      if (lesson === undefined) {
        const detail = `Cannot give lesson ${
          c.req.param("number")
        }: there is none; see GET /lessons`;
        return problem(c, 404, "Unknown lesson", detail);
      }
      if (!hasJson(c)) {
        const detail = "Cannot give the lesson: the body is not application/json; send {}";
        return problem(c, 415, "Unsupported media type", detail);
      }
      const started = await classroom.start(lesson);
      if (started.status === "started") return c.json({ lesson: started.lesson });
      const detail = `Cannot give the lesson here: ${started.reason}; ` +
        `give it in a terminal: deno task lesson ${lesson.number}`;
      return problem(c, 422, "Needs its own system", detail);
    })
    .all("/", (c) => methodNotAllowed(c, "GET"))
    .all("/given", (c) => methodNotAllowed(c, "GET, DELETE"))
    .all("/:number{\\d+}", (c) => methodNotAllowed(c, "PUT"));
}

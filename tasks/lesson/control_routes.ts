import { type Context, Hono } from "@hono/hono";
import { hasJson, methodNotAllowed, problem } from "@playground/tasks/control";
import { readRunning } from "@playground/tasks/running-system";
import { Classroom } from "./classroom.ts";
import { runningLessonSystem } from "./lesson_system.ts";
import { LESSONS } from "./lessons/mod.ts";

/** The collection `lessons` of the control server, for the system with this state folder: lists, gives and stops lessons. */
export function lessonRoutesOf(stateDirectory: string): Hono {
  const classroom = new Classroom(async (lesson) =>
    await runningLessonSystem(lesson, await readRunning(stateDirectory))
  );
  const tell = (c: Context) => c.json({ lesson: classroom.given ?? null });
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
    .get("/given", tell)
    .delete("/given", async (c) => {
      await classroom.stop();
      return tell(c);
    })
    .put("/:number{\\d+}", async (c) => {
      const wanted = c.req.param("number");
      const lesson = LESSONS.find(({ number }) => String(number) === wanted);
      if (lesson === undefined) {
        const detail = `Cannot give lesson ${wanted}: there is none; see GET /lessons`;
        return problem(c, 404, "Unknown lesson", detail);
      }
      if (!hasJson(c)) {
        const detail = "Cannot give the lesson: the body is not application/json; send {}";
        return problem(c, 415, "Unsupported media type", detail);
      }
      const reason = await classroom.start(lesson);
      if (reason === undefined) return tell(c);
      const detail = `Cannot give the lesson here: ${reason}; ` +
        `give it in a terminal: deno task lesson ${lesson.number}`;
      return problem(c, 422, "Needs its own system", detail);
    })
    .all("/", (c) => methodNotAllowed(c, "GET"))
    .all("/given", (c) => methodNotAllowed(c, "GET, DELETE"))
    .all("/:number{\\d+}", (c) => methodNotAllowed(c, "PUT"));
}

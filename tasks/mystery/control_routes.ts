import { type Context, Hono } from "@hono/hono";
import { hasJson, methodNotAllowed, problem } from "@playground/tasks/control";
import type { Faults } from "@playground/tasks/faults";
import { z } from "zod";
import { anySeed, caseOf, MAX_SEED, Mystery } from "./mystery.ts";
import { DIFFICULTIES } from "./cases.ts";

const beginning = z.object({
  seed: z.int().min(0).max(MAX_SEED).default(anySeed),
  difficulty: z.enum(DIFFICULTIES).optional(),
});

const answer = z.object({ hop: z.string(), cause: z.string() });

/** The collection `mystery` of the control server: one mystery at a time. */
export function mysteryRoutes(faults: Faults): Hono {
  let mystery: Mystery | undefined;
  const tell = (c: Context) => c.json({ mystery: mystery?.view ?? null });
  const invalid = (c: Context, what: string) =>
    problem(c, 422, "Invalid request", `Cannot ${what}; see /openapi.json`);
  const read = async (c: Context) =>
    hasJson(c) ? await c.req.json().catch(() => undefined) : undefined;
  return new Hono()
    .get("/", tell)
    .post("/", async (c) => {
      const begin = beginning.safeParse(await read(c));
      if (!begin.success) {
        return invalid(c, "begin: the body is not JSON with a seed or a difficulty");
      }
      const { seed, difficulty } = begin.data;
      mystery?.[Symbol.dispose]();
      const found = caseOf(seed, difficulty, faults);
      if (found === undefined) return invalid(c, "begin: no stand-in runs that could hide a fault");
      mystery = new Mystery(faults, seed, found);
      return tell(c);
    })
    .delete("/", (c) => {
      mystery?.giveUp();
      return tell(c);
    })
    .put("/hint", async (c) => {
      const { success } = z.object({}).safeParse(await read(c));
      if (!success) return invalid(c, "give a hint: the body is not a JSON object");
      mystery?.hint();
      return tell(c);
    })
    .put("/answer", async (c) => {
      const guess = answer.safeParse(await read(c));
      if (!guess.success) return invalid(c, "grade: the body is not JSON with hop and cause");
      mystery?.guess(guess.data);
      return tell(c);
    })
    .all("/", (c) => methodNotAllowed(c, "GET, POST, DELETE"))
    .all("/:move", (c) => methodNotAllowed(c, "PUT"));
}

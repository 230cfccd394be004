/**
 * The parameters of requests. The schema that validates them describes them in `/openapi.json` as well.
 *
 * @module
 */
import type { Context } from "@hono/hono";
import { z } from "zod";
import { answerProblem } from "./problem.ts";
import type { ServerEnvironment } from "./request_tracing.ts";
import { EMAIL_NAME, TRACE_ID } from "./trace_view/mod.ts";

/** The latest time of a `Date`, in milliseconds since 1970. */
const MAX_TIME_MS = 8.64e15;
/** A longer list is costly for the collector, and nobody reads it. */
const MAX_EMAIL_COUNT = 100;

/** Reads the parameters of a request's path and query, or answers what is wrong with the first that is not valid. */
export function readQuery<Query extends object>(
  c: Context<ServerEnvironment>,
  schema: z.ZodType<Query>,
  action: string,
  titleOf = (name: string): string =>
    /email$/i.test(name) ? "Invalid email id" : "Invalid trace id",
): Query | Response {
  const path = Object.entries(c.req.param()).map(([name, value]) => [name, [value]]);
  const { success, data, error } = schema.safeParse({
    ...c.req.queries(),
    ...Object.fromEntries(path),
  });
  if (success) return data;
  const { path: [name] = [], message = "" } = error.issues[0] ?? {};
  const title = titleOf(String(name));
  return answerProblem(c, { status: 400, title, detail: `Cannot ${action}: ${message}` });
}

/** A parameter that is given at most once. */
export function once<Value>(
  name: string,
  value: z.ZodType<Value, string>,
  description: string,
  example?: string | number,
) {
  return z.array(z.string()).max(1, `${name} is given twice; give it once`)
    .transform(([text = ""]) => text).pipe(value).meta({ description, example }).optional();
}

export function required<Value>(parameter: z.ZodOptional<z.ZodType<Value, string[]>>) {
  return parameter.unwrap().prefault([""]);
}

/** A whole number, and what to say of another one. */
export function wholeNumber(invalid: string, tooLarge = invalid, min = 0, max = MAX_TIME_MS) {
  return z.string().regex(/^\d+$/, invalid).transform(Number)
    .pipe(z.int(tooLarge).min(min, invalid).max(max, tooLarge));
}

/** The bounds of the time in which emails were accepted. */
export function times(timeNamed: (name: string) => ReturnType<typeof wholeNumber>) {
  const bound = (name: string, when: string, example: number) =>
    once(
      name,
      timeNamed(name),
      `Only those that were accepted at this time or ${when}, in milliseconds since 1970`,
      example,
    );
  return { from: bound("from", "later", 0), to: bound("to", "earlier", MAX_TIME_MS) };
}

export function limit(description: string, byDefault: number) {
  const invalid = `the limit is not valid; give a number from 1 to ${MAX_EMAIL_COUNT}`;
  const number = wholeNumber(invalid, invalid, 1, MAX_EMAIL_COUNT);
  return once("limit", number, description, byDefault).default(byDefault);
}

/** The id of a trace; both spellings of one become the longer one. */
export function traceIn(name: string) {
  const invalid = "its id is not valid; give 16 or 32 hexadecimal digits, not all of them zero";
  return once(
    name,
    z.string().regex(TRACE_ID, invalid).overwrite((id) => id.padStart(32, "0")),
    "The id of a trace; 16 digits are the same as 32 that begin with 16 zeros",
    "463ac35c9f6413ad48485a3978bb5ecc",
  );
}

/** What names an email within its trace. */
export function emailIn(name: string) {
  const invalid =
    "the id of the email is not valid; give its UUID, or the id of its schedule-email span";
  return once(
    name,
    z.string().regex(EMAIL_NAME, invalid),
    "One of the trace's emails: its id, or the id of the schedule-email span of its request (X-B3-SpanId). The answer is about this email only; `emails` lists all of the trace",
    "00000000000000a0",
  );
}

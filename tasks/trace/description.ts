/**
 * Reads the description of a trace, for `deno task trace ID --assert FILE`: JSON with the members of `ExpectedTrace`
 * (`shared/trace_assertion/`), or a list of its spans alone.
 *
 * ```json
 * {
 *   "spans": [
 *     "schedule-email",
 *     { "name": "emailer", "isFailed": true, "tags": { "attempt": "1" }, "children": [
 *       { "name": "send-email", "error": { "matches": "^451" }, "maxDurationMs": 5000 }
 *     ] },
 *     { "name": "emailer", "parent": "amqp-retry", "minWaitMs": 900 }
 *   ],
 *   "absent": [{ "name": "amqp-publish", "service": "dead-letters" }],
 *   "isConnected": true
 * }
 * ```
 *
 * A value (a tag's, a name's, …) is the text itself, `{ "matches": "a regular expression" }`, or `null`: there must be none.
 *
 * @module
 */
import type { ExpectedSpan, SpanPattern } from "@playground/shared/trace-assertion";
import { z } from "zod";

/** A text stands for an object that has it as its name. */
const orName = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((entry) => typeof entry === "string" ? { name: entry } : entry, schema);

const value = z.union([
  z.string(),
  z.null(),
  z.strictObject({ matches: z.string().refine(isPattern) })
    .transform(({ matches }) => new RegExp(matches)),
], { error: 'write a text, { "matches": "a regular expression" }, or null for none' }).optional();
const milliseconds = z.number().nonnegative().optional();
const count = z.int().nonnegative().optional();

const members = {
  name: value,
  service: value,
  remoteService: value,
  kind: value,
  parent: value,
  parentId: value,
  id: value,
  tags: z.record(z.string(), value.nonoptional()).optional(),
  isFailed: z.boolean().optional(),
  error: value,
  minDurationMs: milliseconds,
  maxDurationMs: milliseconds,
  minWaitMs: milliseconds,
  maxWaitMs: milliseconds,
} satisfies Readonly<Record<keyof SpanPattern, z.ZodType>>;

const expectedSpan: z.ZodType<ExpectedSpan> = z.strictObject({
  ...members,
  name: z.string(),
  minCount: count,
  maxCount: count,
  sharedTag: z.string().optional(),
  get children() {
    return z.array(orName(expectedSpan)).optional();
  },
});

const expectedTrace = z.strictObject({
  spans: z.array(orName(expectedSpan)),
  absent: z.array(orName(z.strictObject(members))).optional(),
  isInOrder: z.boolean().optional(),
  isConnected: z.boolean().optional(),
  isWhole: z.boolean().optional(),
});

export function readDescription(text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const problem = `it is not JSON: ${error instanceof Error ? error.message : error}`;
    return { ok: false, problems: [problem] } as const;
  }
  const result = expectedTrace.safeParse(Array.isArray(json) ? { spans: json } : json);
  if (result.success) return { ok: true, description: result.data } as const;
  const problems = result.error.issues.map(({ path, message }) =>
    [z.core.toDotPath(path), message].filter((part) => part !== "").join(": ")
  );
  return { ok: false, problems } as const;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

import { z } from "zod";
import { MAX_TIME_MS } from "../emails_route.ts";
import { emailState } from "../trace_view/mod.ts";
import type { CallFacts, EmailFacts } from "./trace_facts.ts";

/** The names of the states. */
export const STATE_NAMES = emailState.unwrap().options.map(({ shape }) => shape.name.value);
/** The most characters of a text. */
export const MAX_TEXT_LENGTH = 1_024;

const wholeNumber = (name: string, unit: string) =>
  z.string().regex(/^\d+$/, `${name} is not valid; give it in ${unit}`).transform(Number)
    .refine((value) => value <= MAX_TIME_MS, `${name} is too large; give it in ${unit}`);
const flag = (name: string) =>
  z.enum(["true", "false"], `${name} is not valid; give true or false`)
    .transform((text) => text === "true");
const text = (name: string) =>
  z.string().min(1, `${name} is empty; leave it out`)
    .max(MAX_TEXT_LENGTH, tooLong(name));
const tooLong = (name: string) => `${name} is too long; give at most ${MAX_TEXT_LENGTH} characters`;

const EDGE = /.>./;
const EDGE_PROBLEM = "the edge is not valid; give two services, such as emailer>mailtrap";

/** A parameter that is given at most once. */
function once<Value>(name: string, value: z.ZodType<Value, string | undefined>) {
  return z.array(z.string()).max(1, `${name} is given twice; give it once`)
    .transform(([first]) => first).pipe(value).optional();
}

/** Reads the query of a request, each parameter with all of its values; `server/openapi/explore_paths.ts` describes them. */
export const filterQuery = z.object({
  from: once("from", wholeNumber("from", "milliseconds since 1970")),
  to: once("to", wholeNumber("to", "milliseconds since 1970")),
  search: once("search", z.string().max(MAX_TEXT_LENGTH, tooLong("search"))),
  state: z.array(
    z.enum(STATE_NAMES, `the state is not valid; give one of ${STATE_NAMES.join(", ")}`),
  ).readonly().optional(),
  domain: once("domain", text("domain")),
  reason: once("reason", text("reason")),
  minMs: once("minMs", wholeNumber("minMs", "milliseconds")),
  maxMs: once("maxMs", wholeNumber("maxMs", "milliseconds")),
  synthetic: once("synthetic", flag("synthetic")),
  edge: once("edge", z.string().regex(EDGE, EDGE_PROBLEM)),
  failed: once("failed", flag("failed")),
}).readonly();

/** Which emails are looked at; see {@linkcode filterQuery}. */
export type EmailFilter = z.output<typeof filterQuery>;

/** Makes the test of a filter but for the state, by which the emails that match are counted. */
export function matcherOf(
  filter: EmailFilter,
  callsOf: (email: EmailFacts) => readonly CallFacts[],
): (email: EmailFacts) => boolean {
  const { from = 0, to = Infinity, minMs = 0, maxMs = Infinity, reason, edge, failed } = filter;
  const words = wordsOf(filter.search ?? "");
  const domain = filter.domain?.toLowerCase();
  return (email) => {
    const { summary, startUs } = email;
    return startUs >= from * 1_000 && startUs < (to + 1) * 1_000 &&
      summary.durationMs >= minMs && summary.durationMs <= maxMs &&
      !(filter.synthetic === false && summary.synthetic) &&
      (domain === undefined || summary.recipientDomain === domain) &&
      (reason === undefined || summary.reason === reason) &&
      areFound(words, email) &&
      (edge === undefined && !failed ||
        callsOf(email).some((call) =>
          (edge === undefined || call.edge === edge) && (!failed || call.isError)
        ));
  };
}

/** Each once: every email is searched for all of them. */
function wordsOf(search: string): readonly string[] {
  return [...new Set(search.toLowerCase().split(/\s+/).filter((word) => word !== ""))];
}

function areFound(words: readonly string[], { summary }: EmailFacts): boolean {
  if (words.length === 0) return true;
  const { traceId, emailId = "", spanId = "", recipientDomain = "", state, reason = "" } = summary;
  const ids = [traceId, emailId, spanId];
  const texts = [recipientDomain, state.name, reason.toLowerCase()];
  return words.every((word) =>
    ids.some((id) => id.startsWith(word)) || texts.some((text) => text.includes(word))
  );
}

import { z } from "zod";
import { limit, once, times, wholeNumber } from "../query.ts";
import { emailState } from "../trace_view/mod.ts";
import type { CallFacts, EmailFacts } from "./trace_facts.ts";

/** The names of the states. */
export const STATE_NAMES = emailState.unwrap().options.map(({ shape }) => shape.name.value);
const MAX_TEXT_LENGTH = 1_024;
const DEFAULT_PAGE_SIZE = 50;

/** The place of an email in the order of the list. */
export const CURSOR = /^(\d{1,16})\/([0-9a-f]{1,32})\/([0-9a-f-]{0,36})$/;

const upTo = (name: string) =>
  z.string()
    .max(MAX_TEXT_LENGTH, `${name} is too long; give at most ${MAX_TEXT_LENGTH} characters`);
const text = (name: string, description: string, example?: string) =>
  once(name, upTo(name).min(1, `${name} is empty; leave it out`), description, example);
const flag = (name: string, description: string) =>
  once(
    name,
    z.enum(["true", "false"], `${name} is not valid; give true or false`)
      .transform((text) => text === "true").pipe(z.boolean()),
    description,
  );
const numberIn = (unit: string) => (name: string) =>
  wholeNumber(
    `${name} is not valid; give it in ${unit}`,
    `${name} is too large; give it in ${unit}`,
  );
const duration = (name: string, description: string) =>
  once(name, numberIn("milliseconds")(name), description);

/** The query of a request. */
export const filterQuery = z.object({
  ...times(numberIn("milliseconds since 1970")),
  search: once(
    "search",
    upTo("search"),
    "Words that are all found: the beginning of a trace's or an email's id, a part of the recipient's domain, of the state's name or of the reason",
    "example.com",
  ),
  state: z.array(
    z.enum(STATE_NAMES, `the state is not valid; give one of ${STATE_NAMES.join(", ")}`),
  ).optional().meta({ description: "Only emails in one of these states" }),
  domain: text("domain", "Only emails to this domain", "example.com"),
  reason: text("reason", "Only emails whose last failed attempt has this reason"),
  minMs: duration("minMs", "Only emails that took at least so many milliseconds"),
  maxMs: duration("maxMs", "Only emails that took at most so many milliseconds"),
  synthetic: flag("synthetic", "False leaves out the emails of the load generator"),
  edge: once(
    "edge",
    z.string().regex(/.>./, "the edge is not valid; give two services, such as emailer>mailtrap"),
    "Only emails for which one service called another: their names, with > between them",
    "emailer>mailtrap",
  ),
  failed: flag(
    "failed",
    "True leaves only emails for which a call failed: that of the edge, or any",
  ),
});

/** The query of a request for a page. */
export const pageQuery = filterQuery.extend({
  limit: limit("The maximum number in a page", DEFAULT_PAGE_SIZE),
  cursor: once(
    "cursor",
    z.string().regex(CURSOR, "the cursor is not valid; leave it out to begin again"),
    "The `nextCursor` of the page before",
  ),
});

/** Which emails are looked at; see {@linkcode filterQuery}. */
export type EmailFilter = Readonly<z.output<typeof filterQuery>>;

export type PageFilter = Readonly<z.output<typeof pageQuery>>;

/** Makes the test of a filter without its states, by which the matching emails are counted. */
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

import { MAX_TIME_MS } from "../emails_route.ts";
import {
  CURSOR,
  DEFAULT_PAGE_SIZE,
  exploredCharts,
  exploredEmails,
  exploredMap,
  exploredPoints,
  MAX_TEXT_LENGTH,
  STATE_NAMES,
} from "../explore/mod.ts";
import {
  type Description,
  json,
  type Operations,
  type Parameter,
  problem,
  query,
} from "./document.ts";
import { limitOf, NO_ANSWER, schemaOf, timeOf } from "./view_paths.ts";
import { EXAMPLE_TRACE } from "./examples.ts";

export const EXPLORE_SCHEMAS = {
  ExploredEmails: schemaOf(exploredEmails),
  ExploredPoints: schemaOf(exploredPoints),
  ExploredMap: schemaOf(exploredMap),
  ExploredCharts: schemaOf(exploredCharts),
};

const TEXT = { type: "string", minLength: 1, maxLength: MAX_TEXT_LENGTH };
const DURATION = { type: "integer", minimum: 0, maximum: MAX_TIME_MS };
const FLAG = { type: "boolean" };

const FILTER: readonly Parameter[] = [
  timeOf("from"),
  timeOf("to"),
  query(
    "search",
    "Words that are all found: the beginning of a trace's or an email's id, a part of the recipient's domain, of the state's name or of the reason",
    { type: "string", maxLength: MAX_TEXT_LENGTH },
    "example.com",
  ),
  query("state", "Only emails in one of these states", {
    type: "array",
    items: { type: "string", enum: STATE_NAMES },
  }),
  query("domain", "Only emails to this domain", TEXT, "example.com"),
  query("reason", "Only emails whose last failed attempt has this reason", TEXT),
  query("minMs", "Only emails that took at least so many milliseconds", DURATION),
  query("maxMs", "Only emails that took at most so many milliseconds", DURATION),
  query("synthetic", "False leaves out the emails of the load generator", FLAG),
  query(
    "edge",
    "Only emails for which one service called another: their names, with > between them",
    { type: "string", pattern: ".>." },
    "emailer>mailtrap",
  ),
  query(
    "failed",
    "True leaves only emails for which a call failed: that of the edge, or any",
    FLAG,
  ),
];

const PROGRESS = {
  readCount: 1,
  isComplete: true,
  asOfMs: 1_796_040_001_000,
  oldestMs: 1_796_040_000_000,
};

const STATE_COUNTS = Object.fromEntries(
  STATE_NAMES.map((name) => [name, name === "queued" ? 1 : 0]),
);

function explore(
  operationId: string,
  summary: string,
  description: string,
  [schema, example]: readonly [keyof typeof EXPLORE_SCHEMAS, object],
  parameters: readonly Parameter[] = [],
): Description {
  return {
    operationId,
    summary,
    description:
      `${description} \`progress\` says how much of the collector has been read; ask again while it is not complete.`,
    parameters: [...FILTER, ...parameters],
    responses: {
      200: json(schema, "What is known now", { ...example, progress: PROGRESS }),
      ...problem(400, "Invalid filter", "A part of the filter is not valid"),
      431: { description: "The filter is longer than a request's head may be" },
      ...NO_ANSWER,
    },
  };
}

export const EXPLORE_PATHS: Operations = {
  "GET /api/explore/emails": explore(
    "exploreEmails",
    "Search all emails",
    "All emails that the collector holds and that match, newest first, in pages.",
    ["ExploredEmails", { emails: EXAMPLE_TRACE.emails, matchCount: 1, stateCounts: STATE_COUNTS }],
    [
      limitOf("The maximum number in a page", DEFAULT_PAGE_SIZE),
      query("cursor", "The `nextCursor` of the page before", {
        type: "string",
        pattern: CURSOR.source,
      }),
    ],
  ),
  "GET /api/explore/points": explore(
    "explorePoints",
    "Plot all emails",
    "The durations of the emails that match against the time, as columns.",
    ["ExploredPoints", {
      points: {
        startMs: [1_796_040_000_000],
        durationMs: [22],
        state: ["queued"],
        attemptCount: [0],
        traceId: EXAMPLE_TRACE.emails.map(({ traceId }) => traceId),
        emailId: [null],
      },
    }],
  ),
  "GET /api/explore/map": explore(
    "exploreMap",
    "Draw the services and their calls",
    "The edges of Zipkin's dependency graph, with times. With a range alone it has all calls that began in it, those of polls and of other systems too; with another filter, the calls for the emails that match.",
    ["ExploredMap", {
      nodes: [{ id: "emailer", label: "Emailer" }, { id: "mailtrap", label: "Mailtrap" }],
      edges: [{
        from: "emailer",
        to: "mailtrap",
        callCount: 1,
        errorCount: 0,
        p50Us: 11_000,
        p95Us: 11_000,
      }],
    }],
  ),
  "GET /api/explore/charts": explore(
    "exploreCharts",
    "Chart rates and times",
    "How many emails were accepted and retried in each step of a range, and how long each hop took; without `from`, of the 15 minutes before `to` or now.",
    ["ExploredCharts", {
      fromMs: 1_796_040_000_000,
      stepMs: 10_000,
      accepted: [1],
      retries: [0],
      hops: [{ id: "smtp", label: "SMTP", p50Us: [11_000], p95Us: [11_000], p99Us: [11_000] }],
    }],
  ),
};

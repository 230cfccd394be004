import type { z } from "zod";
import { filterQuery, pageQuery, STATE_NAMES } from "../explore/mod.ts";
import { type Description, json, type Operations, problem } from "./document.ts";
import { EXAMPLE_TRACE } from "./examples.ts";
import type { SchemaName } from "./schemas.ts";
import { NO_ANSWER } from "./view_paths.ts";

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
  [schema, example]: readonly [SchemaName, object],
  parameters: z.ZodType = filterQuery,
): Description {
  return {
    operationId,
    summary,
    description:
      `${description} \`progress\` says how much of the collector has been read; ask again while it is not complete.`,
    parameters,
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
    pageQuery,
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

import { MAX_EMAIL_COUNT } from "../emails_route.ts";
import { DEFAULT_EMAIL_COUNT } from "../live/mod.ts";
import { TRACE_ID } from "../trace_id.ts";
import { EXAMPLE_TRACE_ID, json, NOT_ALLOWED, problem } from "./answer.ts";
import type { Parameter, PathItem } from "./document.ts";
import { EXAMPLE_DOCUMENT_ID, EXAMPLE_MAIL, EXAMPLE_SUMMARY, EXAMPLE_TRACE } from "./examples.ts";

const NO_ANSWER = problem(503, "Collector unavailable", "The collector cannot be asked");
const NO_TRACE_ID = problem(400, "Invalid trace id", "The id is not a trace id");

function traceId(where: Pick<Parameter, "name" | "in" | "required">): Parameter {
  return {
    ...where,
    description: "The id of a trace",
    schema: { type: "string", pattern: TRACE_ID.source },
    example: EXAMPLE_TRACE_ID,
  };
}

/** The paths that tell what became of emails. */
export const VIEW_PATHS: Readonly<Record<string, PathItem>> = {
  "/api/emails": {
    get: {
      operationId: "listEmails",
      tags: ["Emails"],
      summary: "The emails that were scheduled last, newest first",
      parameters: [{
        name: "limit",
        in: "query",
        required: false,
        description: "How many at most",
        schema: {
          type: "integer",
          minimum: 1,
          maximum: MAX_EMAIL_COUNT,
          default: DEFAULT_EMAIL_COUNT,
        },
        example: DEFAULT_EMAIL_COUNT,
      }],
      responses: {
        200: json("EmailList", "The emails, each with its state", { emails: [EXAMPLE_SUMMARY] }),
        400: problem(400, "Invalid limit", "The limit is not valid"),
        ...NOT_ALLOWED,
        503: NO_ANSWER,
      },
    },
  },
  "/api/traces/{id}": {
    get: {
      operationId: "getTrace",
      tags: ["Emails"],
      summary: "What is known of an email: its state, all spans of its traces, how to draw them",
      parameters: [traceId({ name: "id", in: "path", required: true })],
      responses: {
        200: json("EmailTrace", "What is known of the email", EXAMPLE_TRACE),
        400: NO_TRACE_ID,
        ...NOT_ALLOWED,
        404: problem(404, "Unknown trace", "The collector knows no such trace, or not yet"),
        503: NO_ANSWER,
      },
    },
  },
  "/api/events": {
    get: {
      operationId: "followEvents",
      tags: ["Emails"],
      summary: "What is new, as server-sent events: emails, trace, collector",
      parameters: [traceId({ name: "trace", in: "query", required: false })],
      responses: {
        200: {
          description:
            "`emails`: as GET /api/emails answers; `trace`: as GET /api/traces/{id} answers, of the trace that was asked for, " +
            "once the collector knows it; `collector`: whether it can be asked. Each at the start and whenever it has changed",
          content: {
            "text/event-stream": {
              schema: { type: "string" },
              example: `event: emails\ndata: ${JSON.stringify({ emails: [EXAMPLE_SUMMARY] })}\n\n`,
            },
          },
        },
        400: NO_TRACE_ID,
        ...NOT_ALLOWED,
        503: problem(503, "No stream", "Too many streams are open, or the server stops"),
      },
    },
  },
  "/api/mails/{documentId}": {
    get: {
      operationId: "getMail",
      tags: ["Emails"],
      summary: "A mail as it was archived, without its bytes",
      parameters: [{
        name: "documentId",
        in: "path",
        required: true,
        description: "The id of the mail in the archive, as the trace tells it",
        schema: { type: "string", pattern: "^[0-9a-f]{64}$" },
        example: EXAMPLE_DOCUMENT_ID,
      }],
      responses: {
        200: json("ArchivedMail", "The mail", EXAMPLE_MAIL),
        ...NOT_ALLOWED,
        404: problem(404, "Unknown mail", "The archive has no such mail"),
        503: problem(503, "Archive unavailable", "The archive cannot be asked"),
      },
    },
  },
};

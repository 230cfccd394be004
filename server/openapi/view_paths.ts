import { archivedMail } from "@playground/shared/email";
import { z } from "zod";
import { MAX_EMAIL_COUNT } from "../emails_route.ts";
import { DEFAULT_EMAIL_COUNT } from "../live/mod.ts";
import { TRACE_ID } from "../trace_id.ts";
import { emailSummary, emailTrace, MAX_SPANS } from "../trace_view/mod.ts";
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

/** The schemas that these paths refer to. */
export const VIEW_SCHEMAS: Readonly<Record<string, object>> = {
  EmailList: {
    type: "object",
    required: ["emails"],
    properties: {
      emails: { type: "array", items: { $ref: "#/components/schemas/EmailSummary" } },
    },
  },
  EmailSummary: schemaOf(emailSummary),
  EmailTrace: schemaOf(emailTrace),
  ArchivedMail: schemaOf(archivedMail),
  Event: {
    type: "object",
    description: "One event of a stream (https://html.spec.whatwg.org/#server-sent-events)",
    required: ["event", "data"],
    properties: {
      event: { type: "string", enum: ["emails", "trace", "collector"] },
      data: { type: "string", contentMediaType: "application/json" },
    },
  },
};

/** The spans in a trace are Zipkin's matter, not ours. */
function schemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { unrepresentable: "any" });
}

/** The paths that tell what became of emails. */
export const VIEW_PATHS: Readonly<Record<string, PathItem>> = {
  "/api/emails": {
    get: {
      operationId: "listEmails",
      tags: ["Emails"],
      summary: "List the recent emails",
      description: "The emails that were scheduled last, newest first, each with its state.",
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
      summary: "Show an email",
      description:
        `What is known of it: its state, the spans of its traces (at most ${MAX_SPANS}), how to draw them. A new email is known after about a second.`,
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
      summary: "Follow what happens",
      description:
        "A stream of server-sent events. `emails` is what listEmails answers; `trace` is what getTrace answers, of the trace that " +
        "was asked for, once the collector knows it; `collector` tells whether it can be asked. Each comes at the start and " +
        "whenever it has changed.",
      parameters: [traceId({ name: "trace", in: "query", required: false })],
      responses: {
        200: {
          description: "The events, until one side leaves",
          content: {
            "text/event-stream": {
              schema: { $ref: "#/components/schemas/Event" },
              example: { event: "collector", data: '{"status":"available"}' },
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
      summary: "Show a mail",
      description:
        "A mail as it was archived, without its bytes, and as hostile as its sender made it.",
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

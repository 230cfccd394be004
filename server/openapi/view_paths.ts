import { MAX_EMAIL_COUNT } from "../emails_route.ts";
import { DEFAULT_EMAIL_COUNT } from "../live/mod.ts";
import { MAX_SPANS } from "../trace_view/mod.ts";
import { FORBIDDEN, problem, UNAUTHORIZED } from "./problem_answer.ts";

const TRACE_ID = { type: "string", pattern: "^[0-9a-f]{32}$" } as const;
const NO_ANSWER = problem("The collector cannot be asked");

/** The paths that tell what became of emails. */
export function viewPaths(): Readonly<Record<string, object>> {
  return {
    "/api/emails": {
      get: {
        summary: "The emails that were scheduled last, newest first",
        parameters: [{
          name: "limit",
          in: "query",
          required: false,
          schema: {
            type: "integer",
            minimum: 1,
            maximum: MAX_EMAIL_COUNT,
            default: DEFAULT_EMAIL_COUNT,
          },
        }],
        responses: {
          200: {
            description: "The emails, each with its state",
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["emails"],
                  properties: {
                    emails: {
                      type: "array",
                      items: { $ref: "#/components/schemas/EmailSummary" },
                    },
                  },
                },
              },
            },
          },
          400: problem("The limit is not valid"),
          401: UNAUTHORIZED,
          403: FORBIDDEN,
          503: NO_ANSWER,
        },
      },
    },
    "/api/traces/{id}": {
      get: {
        summary:
          `What is known of an email: its state, the spans of its traces (at most ${MAX_SPANS}), how to draw them`,
        parameters: [{ name: "id", in: "path", required: true, schema: TRACE_ID }],
        responses: {
          200: jsonOf("EmailTrace", "What is known of the email"),
          400: problem("The id is not a trace id"),
          401: UNAUTHORIZED,
          403: FORBIDDEN,
          404: problem("The collector knows no such trace, or not yet"),
          503: NO_ANSWER,
        },
      },
    },
    "/api/events": {
      get: {
        summary: "What is new, as server-sent events: emails, trace, collector",
        parameters: [{ name: "trace", in: "query", required: false, schema: TRACE_ID }],
        responses: {
          200: {
            description:
              "`emails`: as GET /api/emails answers; `trace`: as GET /api/traces/{id} answers, of the trace that was asked for, " +
              `once the collector knows it, and at most ${MAX_SPANS} spans long; ` +
              "`collector`: whether it can be asked. Each at the start and whenever it has changed",
            content: { "text/event-stream": { schema: { type: "string" } } },
          },
          400: problem("The trace is not a trace id"),
          401: UNAUTHORIZED,
          403: FORBIDDEN,
          503: problem("Too many streams are open, or the server stops"),
        },
      },
    },
    "/api/mails/{documentId}": {
      get: {
        summary: "A mail as it was archived, without its bytes",
        parameters: [{
          name: "documentId",
          in: "path",
          required: true,
          schema: { type: "string", pattern: "^[0-9a-f]{64}$" },
        }],
        responses: {
          200: jsonOf("ArchivedMail", "The mail"),
          401: UNAUTHORIZED,
          403: FORBIDDEN,
          404: problem("The archive has no such mail"),
          503: problem("The archive cannot be asked"),
        },
      },
    },
  };
}

function jsonOf(schema: string, description: string): object {
  return {
    description,
    content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
  };
}

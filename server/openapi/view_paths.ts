import { z } from "zod";
import { comparisonQuery } from "../comparison_route.ts";
import { emailsQuery } from "../emails_route.ts";
import { eventsQuery } from "../live/mod.ts";
import { traceQuery } from "../trace_route.ts";
import { MAX_SPANS } from "../trace_view/mod.ts";
import { body, json, type Operations, problem, reference } from "./document.ts";
import {
  EXAMPLE_COMPARISON,
  EXAMPLE_DOCUMENT_ID,
  EXAMPLE_MAIL,
  EXAMPLE_TRACE,
} from "./examples.ts";

export const NO_ANSWER = problem(503, "Collector unavailable", "The collector is unavailable");
const NO_TRACE_ID = problem(
  400,
  "Invalid trace id",
  "The id is not a trace id, or the email is not an email id",
);

export const VIEW_PATHS: Operations = {
  "GET /api/emails": {
    operationId: "listEmails",
    summary: "List the recent emails",
    description:
      "The most recent emails, or those between two times, newest first, each with its state.",
    parameters: emailsQuery,
    responses: {
      200: json("EmailList", "The emails, each with its state", {
        emails: EXAMPLE_TRACE.emails,
      }),
      ...problem(400, "Invalid limit", "The limit or the time is not valid"),
      ...NO_ANSWER,
    },
  },
  "POST /api/traces": {
    operationId: "showTrace",
    summary: "Show spans",
    description:
      "What getTrace answers, for spans that the collector may not have: a list, or a list of lists. Nothing is kept.",
    requestBody: body("Spans", EXAMPLE_TRACE.spans),
    responses: {
      200: json("EmailTrace", "What the spans tell", EXAMPLE_TRACE),
      ...problem(400, "Invalid trace", "The body is not a list of spans in Zipkin's form"),
      ...problem(503, "Too many requests at once", "Too many other bodies are being read"),
    },
  },
  "GET /api/traces/{id}": {
    operationId: "getTrace",
    summary: "Show a trace and its emails",
    description:
      `Their states, the spans of both traces (at most ${MAX_SPANS}), and how to draw them. State, diagram and mail are those of the requested email, else of the one in the worst state. A new email appears after about a second.`,
    parameters: traceQuery,
    responses: {
      200: json("EmailTrace", "What is known of the trace", EXAMPLE_TRACE),
      ...NO_TRACE_ID,
      ...problem(
        404,
        "Unknown trace",
        "The collector does not know the trace or the email, or not yet",
      ),
      ...NO_ANSWER,
    },
  },
  "GET /api/compare": {
    operationId: "compareTraces",
    summary: "Compare two traces",
    description:
      "What is slower, new or missing in the left one. Without a right one, the newest email that was archived at its first attempt.",
    parameters: comparisonQuery,
    responses: {
      200: json("TraceComparison", "Both, and what differs", EXAMPLE_COMPARISON),
      ...NO_TRACE_ID,
      ...problem(
        404,
        "Unknown trace",
        "The collector does not know one of them, or there is no healthy email",
      ),
      ...NO_ANSWER,
    },
  },
  "GET /api/events": {
    operationId: "followEvents",
    summary: "Follow what happens",
    description:
      "A stream of server-sent events. `emails` has the answer of listEmails; `trace` has that of getTrace for the trace or the email that was asked for, once the collector knows it; `collector` says whether it is available; `queues` how many emails wait at RabbitMQ (`waitingCount`), if that is known. Each is sent at the start and whenever it has changed.",
    parameters: eventsQuery,
    responses: {
      200: {
        description: "The events, until one side leaves",
        content: {
          "text/event-stream": {
            schema: reference("Event"),
            example: { event: "collector", data: '{"status":"available"}' },
          },
        },
      },
      ...NO_TRACE_ID,
      ...problem(503, "No stream", "Too many streams are open, or the server stops"),
    },
  },
  "GET /api/mails/{documentId}": {
    operationId: "getMail",
    summary: "Show a mail",
    description:
      "An archived mail without its bytes. Its content is the sender's, and may be hostile.",
    parameters: z.object({
      documentId: z.string().regex(/^[0-9a-f]{64}$/).meta({
        description: "The id of the mail in the archive, from the trace",
        example: EXAMPLE_DOCUMENT_ID,
      }),
    }),
    responses: {
      200: json("ArchivedMail", "The mail", EXAMPLE_MAIL),
      ...problem(404, "Unknown mail", "The archive has no such mail"),
      ...problem(503, "Archive unavailable", "The archive is unavailable"),
    },
  },
};

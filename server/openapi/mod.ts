import { archivedMail, emailDocument } from "@playground/shared/email";
import { VERSION } from "@playground/shared/version";
import { z } from "zod";
import { emailSummary, emailTrace } from "../trace_view/mod.ts";
import { faultPaths, faultSchemas } from "./fault_paths.ts";
import { FORBIDDEN, problem, UNAUTHORIZED } from "./problem_answer.ts";
import { viewPaths } from "./view_paths.ts";

/**
 * The OpenAPI document of the message server. The schema of the email is made from the one that validates it,
 * those of the answers from the ones that the code has its types from.
 */
export function openApiDocument(): Readonly<Record<string, unknown>> {
  return {
    openapi: "3.1.0",
    info: {
      title: "Tracing Playground message server",
      version: VERSION,
      description: "Takes emails and sends them on a long, traced way.",
    },
    paths: {
      "/email": {
        post: {
          summary: "Schedule an email",
          parameters: [{
            name: "Idempotency-Key",
            in: "header",
            required: false,
            schema: { type: "string", minLength: 1, maxLength: 255 },
            description:
              "The same key with the same document is the same email, however often it is sent",
          }],
          requestBody: {
            required: true,
            content: { "application/json": { schema: { $ref: "#/components/schemas/Email" } } },
          },
          responses: {
            202: {
              description: "The broker has the email",
              headers: {
                "X-B3-TraceId": { schema: { type: "string" } },
                "X-B3-SpanId": { schema: { type: "string" } },
                "X-B3-Sampled": { schema: { type: "string", enum: ["0", "1"] } },
              },
              content: {
                "application/json": { schema: { $ref: "#/components/schemas/Accepted" } },
              },
            },
            400: problem("The request is not valid JSON, or its Idempotency-Key is not valid"),
            401: UNAUTHORIZED,
            403: FORBIDDEN,
            408: problem("The body did not arrive in time"),
            413: problem("The request is too large"),
            415: problem("The request is not JSON, or it has a Content-Encoding"),
            422: problem("The document is not a valid email"),
            503: problem(
              "The broker did not take the email, or too much is under way; Retry-After says when to try again",
            ),
          },
        },
      },
      ...viewPaths(),
      ...faultPaths(),
    },
    components: {
      schemas: {
        Email: z.toJSONSchema(emailDocument, { io: "input" }),
        EmailSummary: schemaOf(emailSummary),
        EmailTrace: schemaOf(emailTrace),
        ArchivedMail: schemaOf(archivedMail),
        ...faultSchemas(),
        Accepted: {
          type: "object",
          required: ["id", "messageId", "traceId"],
          properties: {
            id: { type: "string", format: "uuid" },
            messageId: { type: "string" },
            traceId: { type: "string" },
            traceUrl: { type: "string", format: "uri" },
          },
        },
        Problem: {
          type: "object",
          required: ["type", "title", "status", "detail", "traceId"],
          properties: {
            type: { type: "string" },
            title: { type: "string" },
            status: { type: "integer" },
            detail: { type: "string" },
            traceId: { type: "string" },
            errors: {
              type: "array",
              items: {
                type: "object",
                properties: { pointer: { type: "string" }, detail: { type: "string" } },
              },
            },
          },
        },
      },
    },
  };
}

/** The spans in a trace are Zipkin's matter, not ours. */
function schemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { unrepresentable: "any" });
}

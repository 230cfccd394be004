import { z } from "zod";
import { IDEMPOTENCY_KEY } from "../email_route.ts";
import { pageUrl } from "../page_url.ts";
import {
  body,
  EXAMPLE_EMAIL_ID,
  EXAMPLE_TRACE_ID,
  json,
  type Operations,
  problem,
} from "./document.ts";

const EXAMPLE_EMAIL = {
  sender: { address: "me@example.com", display: "Me" },
  recipient: { address: "you@example.com" },
  subject: "Something catchy",
  body: "Whatever you want",
} as const;

export const EMAIL_PATHS: Operations = {
  "POST /email": {
    operationId: "sendEmail",
    summary: "Schedule an email",
    description:
      "Accepts an email and sends it. A trace context of the caller (B3 or W3C) is continued, and the `tenant` of its `baggage` becomes a tag of each span. The answer comes once the broker has confirmed the email.",
    parameters: z.object({
      "Idempotency-Key": z.string().regex(IDEMPOTENCY_KEY).optional().meta({
        in: "header",
        description:
          "The same key with the same document is the same email, however often it is sent",
        example: EXAMPLE_EMAIL_ID,
      }),
    }),
    requestBody: body("Email", EXAMPLE_EMAIL),
    responses: {
      202: {
        ...json("Accepted", "The broker has the email", {
          id: EXAMPLE_EMAIL_ID,
          messageId: `<${EXAMPLE_EMAIL_ID}@playground.invalid>`,
          traceId: EXAMPLE_TRACE_ID,
          traceUrl: `http://127.0.0.1:9411/zipkin/traces/${EXAMPLE_TRACE_ID}`,
          pageUrl: pageUrl("http://127.0.0.1:8080", EXAMPLE_TRACE_ID, EXAMPLE_EMAIL_ID),
        }),
        headers: {
          "X-B3-TraceId": { description: "The trace", schema: { type: "string" } },
          "X-B3-SpanId": { description: "The span of the request", schema: { type: "string" } },
          "X-B3-Sampled": {
            description: "Whether the trace is reported",
            schema: { type: "string", enum: ["0", "1"] },
          },
        },
      },
      ...problem(
        400,
        "Invalid JSON",
        "The request is not valid JSON, or its Idempotency-Key is not valid",
      ),
      ...problem(422, "Invalid email", "The document is not a valid email"),
      ...problem(
        503,
        "Email not accepted",
        "The broker did not accept the email, or the server is overloaded; Retry-After says when to try again",
      ),
    },
  },
};

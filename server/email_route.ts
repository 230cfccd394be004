import type { Handler } from "@hono/hono";
import { getLogger } from "@logtape/logtape";
import { describeOutcome } from "@playground/shared/amqp";
import { domainOf, MAX_BODY_BYTES, parseEmailDocument } from "@playground/shared/email";
import { requestUrl } from "@playground/shared/http";
import { activeTraceId } from "@playground/shared/tracing";
import { z } from "zod";
import type { ScheduleEmail } from "./email_scheduler.ts";
import { readJson } from "./json_body.ts";
import { pageUrl } from "./page_url.ts";
import { answerProblem, answerUnavailable } from "./problem.ts";
import type { BodyLimits } from "./request_body.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** The largest request: the largest body with every character escaped, and room for the rest. */
export const MAX_REQUEST_BYTES = 6 * MAX_BODY_BYTES + 65_536;

export interface EmailRouteOptions {
  readonly schedule: ScheduleEmail;
  /** The address of a trace for people; absent without a collector. */
  readonly traceUrl: (traceId: string) => string | undefined;
  readonly bodies: BodyLimits;
}

export const acceptedEmail = z.object({
  id: z.uuid().describe("The id of the email"),
  messageId: z.string().describe("The Message-ID of its mail"),
  traceId: z.string().describe("The email's trace"),
  traceUrl: z.url().optional().describe("The trace in Zipkin; absent without a collector"),
  pageUrl: z.url().optional().describe(
    "The email on this server's page, at the request's host; absent without a collector",
  ),
});

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * `POST /email`: checks the document and schedules it. The answer is 202 only once the broker has confirmed the message.
 */
export function postEmail(options: EmailRouteOptions): Handler<ServerEnvironment> {
  const { schedule, traceUrl, bodies } = options;
  const logger = getLogger(["message-server"]);
  return async function postEmail(c) {
    const idempotencyKey = c.req.header("idempotency-key");
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid Idempotency-Key",
        detail: "Cannot use the Idempotency-Key: it is too long or has a character that is not " +
          "visible ASCII; send 1 to 255 visible ASCII characters, such as a UUID",
      });
    }
    const body = await readJson(c, "the email", MAX_REQUEST_BYTES, bodies);
    if (body instanceof Response) return body;
    using _reservation = body;
    const parsed = parseEmailDocument(body.value);
    if (!parsed.ok) {
      return answerProblem(c, {
        status: 422,
        title: "Invalid email",
        detail: "Cannot send the email: the document is not valid; see `errors`",
        errors: parsed.problems,
      });
    }
    const { recipient } = parsed.document;
    c.set("recipientDomain", domainOf(recipient.address).toLowerCase());
    const { id, messageId, outcome } = await schedule(parsed.document, idempotencyKey);
    if (outcome.status !== "confirmed") {
      const reason = describeOutcome(outcome);
      logger.warn("Email {id} was not accepted: {reason}", { id, reason });
      return answerUnavailable(
        c,
        "Email not accepted",
        `Cannot accept the email: ${reason}; retry in a few seconds with the same ` +
          "Idempotency-Key; it will be archived once",
      );
    }
    logger.info("Accepted email {id}", { id });
    const traceId = activeTraceId() ?? "";
    const zipkinUrl = traceUrl(traceId);
    // Without a collector, neither can show anything.
    const page = zipkinUrl && pageUrl(requestUrl(c.req.raw), traceId, id);
    return c.json({ id, messageId, traceId, traceUrl: zipkinUrl, pageUrl: page }, 202);
  };
}

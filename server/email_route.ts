import type { Handler } from "@hono/hono";
import { getLogger } from "@logtape/logtape";
import { describeOutcome, type PublishOutcome } from "@playground/shared/amqp";
import { domainOf, MAX_BODY_BYTES, parseEmailDocument } from "@playground/shared/email";
import { requestUrl } from "@playground/shared/http";
import { activeTraceId } from "@playground/shared/tracing";
import type { ScheduleEmail } from "./email_scheduler.ts";
import { pageUrl } from "./page_url.ts";
import { answerProblem, type Problem } from "./problem.ts";
import { answerBodyRefusal, type BodyLimits, readBody } from "./request_body.ts";
import type { ServerEnvironment } from "./request_tracing.ts";

/** The largest request: the largest body with every character escaped, and room for the rest. */
export const MAX_REQUEST_BYTES = 6 * MAX_BODY_BYTES + 65_536;

export interface EmailRouteOptions {
  readonly schedule: ScheduleEmail;
  readonly traceUrl: (traceId: string) => string | undefined;
  readonly bodies: BodyLimits;
}

/** Visible ASCII, with a bounded length. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

const RETRY_AFTER_SECONDS = 5;

/**
 * `POST /email`: checks the document and schedules it. The answer is 202 only once the broker has confirmed the message.
 */
export function postEmail(options: EmailRouteOptions): Handler<ServerEnvironment> {
  const { schedule, traceUrl, bodies } = options;
  const logger = getLogger(["message-server"]);
  return async function postEmail(c) {
    if (!isJson(c.req.header("content-type"))) {
      return answerProblem(c, {
        status: 415,
        title: "Unsupported media type",
        detail: "Cannot read the email: its Content-Type is not JSON; send application/json",
      });
    }
    const idempotencyKey = c.req.header("idempotency-key");
    if (idempotencyKey !== undefined && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid Idempotency-Key",
        detail: "Cannot use the Idempotency-Key: it is too long or has a character that is not " +
          "visible ASCII; send 1 to 255 visible ASCII characters, such as a UUID",
      });
    }
    const body = await readBody(c.req.raw, MAX_REQUEST_BYTES, bodies);
    if (body.status !== "read") return answerBodyRefusal(c, "take the email", body);
    using _reservation = body.reservation;
    const json = parseJson(body.bytes);
    if (!json.ok) {
      return answerProblem(c, {
        status: 400,
        title: "Invalid JSON",
        detail: `Cannot read the email: ${json.reason}; send one JSON document in UTF-8`,
      });
    }
    const parsed = parseEmailDocument(json.value);
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
      logger.warn("Email {id} was not accepted: {reason}", {
        id,
        reason: describeOutcome(outcome),
      });
      return answerProblem(c, unavailable(outcome));
    }
    logger.info("Accepted email {id}", { id });
    const traceId = activeTraceId() ?? "";
    const zipkinUrl = traceUrl(traceId);
    // Without a collector, neither can show anything.
    const views = zipkinUrl === undefined
      ? {}
      : { traceUrl: zipkinUrl, pageUrl: pageUrl(requestUrl(c.req.raw), traceId, id) };
    return c.json({ id, messageId, traceId, ...views }, 202);
  };
}

function unavailable(outcome: PublishOutcome): Problem {
  return {
    status: 503,
    title: "Email not accepted",
    detail: `Cannot accept the email: ${describeOutcome(outcome)}; retry in a few seconds ` +
      "with the same Idempotency-Key; it will be archived once",
    headers: { "Retry-After": String(RETRY_AFTER_SECONDS) },
  };
}

/** `application/json` and the `+json` types; as in the original, a request without a content type counts as JSON. */
function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return type === "application/json" || /^application\/[\w.-]+\+json$/.test(type);
}

const decoder = new TextDecoder("utf-8", { fatal: true });

type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

function parseJson(bytes: Uint8Array): JsonResult {
  try {
    return { ok: true, value: JSON.parse(decoder.decode(bytes)) };
  } catch (error) {
    // V8's message quotes the text around the error, which may be private.
    const reason = error instanceof SyntaxError ? "it is not valid JSON" : "it is not valid UTF-8";
    return { ok: false, reason };
  }
}

import type { MiddlewareHandler } from "@hono/hono";
import type { Faults } from "../faults/registry.ts";
import { apiError, type ApiFailure } from "./api_errors.ts";
import type { Mailbox } from "./mailbox.ts";

/** How long a client that hit the limit is told to wait. */
const RETRY_AFTER_SECONDS = "3";

const FAILURES = {
  401: "unauthorized",
  403: "forbidden",
  404: "notFound",
  429: "rateLimited",
  500: "internal",
  503: "unavailable",
} as const satisfies Readonly<Record<string, ApiFailure>>;

/** Success that is none: half an answer, and what a proxy says in another's place. */
const BODIES = {
  garbled: { type: "application/json", text: '[{"id": 1, "subject": "Some' },
  html: { type: "text/html", text: "<!DOCTYPE html><title>Sign in to the network</title>" },
} as const;

/** Lets requests to the API fail, or take long. */
export function failing(faults: Faults, closing: AbortSignal): MiddlewareHandler {
  return async function failing(context, next) {
    await faults.holdUp("mailtrap-api.delay", closing);
    const status = faults.hit("mailtrap-api.reply");
    if (status !== undefined) {
      if (status === "429") context.header("Retry-After", RETRY_AFTER_SECONDS);
      return apiError(context, FAILURES[status]);
    }
    const body = faults.hit("mailtrap-api.body");
    if (body === undefined) return await next();
    const { type, text } = BODIES[body];
    return context.body(text, 200, { "content-type": type });
  };
}

/**
 * Drops the oldest mails of an inbox that is too full, as Mailtrap does (https://docs.mailtrap.io): they are lost.
 */
export function dropOldest(mailbox: Mailbox, faults: Faults): void {
  const limit = faults.valueOf("mailtrap-api.inbox-full");
  if (limit === undefined) return;
  const excess = mailbox.size - limit;
  if (excess <= 0) return;
  for (const { id } of mailbox.list({ limit: excess, offset: limit })) {
    if (faults.hit("mailtrap-api.inbox-full")) mailbox.remove(id);
  }
}

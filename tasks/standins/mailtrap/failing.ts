import type { MiddlewareHandler } from "@hono/hono";
import type { FaultValue } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";
import { apiError } from "./api.ts";
import type { Mailbox } from "./mailbox.ts";

const RETRY_AFTER_SECONDS = "3";

/** Success that is none: half an answer, and what a proxy says in another's place. */
const BODIES = {
  garbled: { type: "application/json", text: '[{"id": 1, "subject": "Some' },
  html: { type: "text/html", text: "<!DOCTYPE html><title>Sign in to the network</title>" },
} as const;

/** Success in a mail's place that is none. */
const NO_MAILS = {
  text: { status: 200, type: "text/plain", text: "Service temporarily unavailable" },
  header: { status: 200, type: "text/plain", text: "Error: Service unavailable" },
  html: { status: 200, type: undefined, text: "<!DOCTYPE html><title>Sign in</title>" },
  problem: { status: 200, type: "application/problem+json", text: '{"status":503}' },
  empty: { status: 200, type: "message/rfc822", text: "" },
  204: { status: 204, type: undefined, text: null },
} as const;

export function failing(faults: Faults): MiddlewareHandler {
  return async function failing(context, next) {
    await faults.holdUp("mailtrap-api.delay");
    const status = faults.hit("mailtrap-api.reply");
    if (status !== undefined) {
      if (status === "429") context.header("Retry-After", RETRY_AFTER_SECONDS);
      return apiError(context, status);
    }
    const body = faults.hit("mailtrap-api.body");
    if (body !== undefined) {
      const { type, text } = BODIES[body];
      return context.body(text, 200, { "content-type": type });
    }
    if (!context.req.path.endsWith("/body.eml")) return await next();
    const noMail = faults.hit("mailtrap-api.no-mail");
    if (noMail !== undefined) {
      const { status, type, text } = NO_MAILS[noMail];
      // In bytes: of a text, `Response` says the type by itself.
      const bytes = text === null ? null : new TextEncoder().encode(text);
      return new Response(bytes, {
        status,
        headers: type === undefined ? {} : { "content-type": type },
      });
    }
    await next();
    const half = context.res.ok ? faults.hit("mailtrap-api.half-mail") : undefined;
    if (half !== undefined) context.res = await halfOf(context.res, half);
  };
}

async function halfOf(
  whole: Response,
  how: FaultValue<"mailtrap-api.half-mail">,
): Promise<Response> {
  const mail = await whole.bytes();
  const half = mail.subarray(0, Math.floor(mail.length / 2));
  const headers = new Headers(whole.headers);
  switch (how) {
    case "206":
      headers.set("content-length", String(half.length));
      headers.set("content-range", `bytes 0-${half.length - 1}/${mail.length}`);
      return new Response(half, { status: 206, headers });
    case "short":
      headers.set("content-length", String(half.length));
      return new Response(half, { headers });
    case "cut":
      // A server that sends less than it has announced hangs up.
      return new Response(new Blob([half]).stream(), { headers });
  }
}

/** Drops the oldest mails of an inbox that is too full, as Mailtrap does (https://docs.mailtrap.io): they are lost. */
export function dropOldest(mailbox: Mailbox, faults: Faults): void {
  const limit = faults.valueOf("mailtrap-api.inbox-full");
  if (limit === undefined) return;
  const excess = mailbox.size - limit;
  if (excess <= 0) return;
  for (const { id } of mailbox.list({ limit: excess, offset: limit })) {
    if (faults.hit("mailtrap-api.inbox-full")) mailbox.remove(id);
  }
}

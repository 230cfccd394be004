import type { MiddlewareHandler } from "@hono/hono";
import type { FaultValue } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";
import { apiError } from "./api.ts";
import type { Mailbox } from "./mailbox.ts";

const RETRY_AFTER_SECONDS = "3";

interface FalseSuccess {
  readonly status?: number;
  readonly type?: string;
  readonly text?: string;
}

/** Half an answer, and a proxy's page. */
const BODIES: Readonly<Record<FaultValue<"mailtrap-api.body">, FalseSuccess>> = {
  garbled: { type: "application/json", text: '[{"id": 1, "subject": "Some' },
  html: { type: "text/html", text: "<!DOCTYPE html><title>Sign in to the network</title>" },
};

/** In place of a mail. */
const NO_MAILS: Readonly<Record<FaultValue<"mailtrap-api.no-mail">, FalseSuccess>> = {
  text: { type: "text/plain", text: "Service temporarily unavailable" },
  header: { type: "text/plain", text: "Error: Service unavailable" },
  html: { text: "<!DOCTYPE html><title>Sign in</title>" },
  problem: { type: "application/problem+json", text: '{"status":503}' },
  empty: { type: "message/rfc822", text: "" },
  204: { status: 204 },
};

function answer({ status = 200, type, text }: FalseSuccess): Response {
  const headers = type === undefined ? undefined : { "content-type": type };
  // As bytes: for a text, `Response` sets a content type.
  const bytes = text === undefined ? null : new TextEncoder().encode(text);
  return new Response(bytes, { status, headers });
}

export function failing(faults: Faults): MiddlewareHandler {
  return async function failing(context, next) {
    await faults.holdUp("mailtrap-api.delay");
    const status = faults.hit("mailtrap-api.reply");
    if (status !== undefined) {
      if (status === "429") context.header("Retry-After", RETRY_AFTER_SECONDS);
      return apiError(context, status);
    }
    const body = faults.hit("mailtrap-api.body");
    if (body !== undefined) return answer(BODIES[body]);
    if (!context.req.path.endsWith("/body.eml")) return await next();
    const noMail = faults.hit("mailtrap-api.no-mail");
    if (noMail !== undefined) return answer(NO_MAILS[noMail]);
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

/** Drops the oldest mails of an overfull inbox, as Mailtrap does (https://docs.mailtrap.io): they are lost. */
export function dropOldest(mailbox: Mailbox, faults: Faults): void {
  const limit = faults.valueOf("mailtrap-api.inbox-full");
  if (limit === undefined) return;
  const excess = mailbox.size - limit;
  if (excess <= 0) return;
  for (const { id } of mailbox.list({ limit: excess, offset: limit })) {
    if (faults.hit("mailtrap-api.inbox-full")) mailbox.remove(id);
  }
}

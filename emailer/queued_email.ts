import type { ConsumeMessage } from "amqplib";
import { emailIdOf, header, messageHeaders } from "@playground/shared/amqp";
import { cutText } from "@playground/shared/text";
import type { HeaderReader } from "@playground/shared/tracing";
import { messageIdOf, parseEmailDocument } from "@playground/shared/email";
import type { MailFacts } from "./mail.ts";

/** An email as it came from the queue, ready to be sent. */
export type QueuedEmail = QueuedFacts & Pick<MailFacts, "document">;

/** What is known of a message, whatever its content. */
export interface QueuedFacts extends Pick<MailFacts, "emailId" | "messageId" | "date"> {
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  readonly content: Uint8Array;
}

/** A message read from the queue. `error` says why its content is not an email. */
export type QueuedMessage =
  | QueuedEmail & { readonly ok: true }
  | QueuedFacts & { readonly ok: false; readonly error: string };

/** Short enough for the line of its header (RFC 5322 section 2.1.1). */
const MESSAGE_ID = /^<[\x21-\x3b\x3d\x3f-\x7e]{1,255}@[\w.-]{1,255}>$/;
/** For messages of other publishers, which set no Message-ID. */
const FALLBACK_DOMAIN = "playground.invalid";
/** A mail's Date has a year of four digits. A publisher that gives milliseconds by mistake names a later one. */
const MAX_DATE_MS = Date.UTC(9999, 11, 31);

/**
 * Reads a message from the queue. Messages of other publishers may lack any property: missing ones are derived from the content,
 * so that they are the same at a redelivery.
 */
export async function readQueuedMessage(message: ConsumeMessage): Promise<QueuedMessage> {
  const { content, properties } = message;
  const headers = messageHeaders(message);
  const emailId = await emailIdOf(message);
  const givenMessageId = headers(header.messageId) ?? "";
  const facts: QueuedFacts = {
    emailId,
    messageId: MESSAGE_ID.test(givenMessageId)
      ? givenMessageId
      : messageIdOf(emailId, FALLBACK_DOMAIN),
    date: new Date(dateMs(properties.timestamp) ?? Date.now()),
    attempt: attemptOf(headers),
    content,
  };
  const json = parseJson(content);
  if (json === undefined) return { ...facts, ok: false, error: "the message is not JSON in UTF-8" };
  const parsed = parseEmailDocument(json);
  if (parsed.ok) return { ...facts, ok: true, document: parsed.document };
  const problems = parsed.problems.map(({ pointer, detail }) => `${pointer} ${detail}`.trim());
  const error = cutText(`the document is not an email: ${problems.join("; ")}`);
  return { ...facts, ok: false, error };
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function parseJson(content: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(content));
  } catch {
    return undefined; // Whatever the error, the message is not an email; its dead letter says so.
  }
}

export function attemptOf(headers: HeaderReader): number {
  const attempt = Number(headers(header.attempt));
  return Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 1;
}

/** Seconds since 1970, as in AMQP; an invalid value counts as missing. */
function dateMs(timestampSeconds: unknown): number | undefined {
  const ms = typeof timestampSeconds === "number" ? timestampSeconds * 1000 : Number.NaN;
  return ms >= 0 && ms <= MAX_DATE_MS ? ms : undefined;
}

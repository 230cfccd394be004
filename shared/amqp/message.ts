import type { Message, Options } from "amqplib";
import { EMAIL_ID, uuidOf } from "../email/id.ts";
import { cutText } from "../text/mod.ts";
import type { HeaderReader } from "../tracing/propagation.ts";
import type { Publication } from "./publisher.ts";

/** The names of our own message headers beside the B3 ones. */
export const header = {
  messageId: "x-mail-message-id",
  /** When the message was published, in microseconds since 1970: where the broker's half of `amqp-publish` starts. */
  publishedAt: "x-published-at-us",
  /** Which attempt this is, from 1. */
  attempt: "x-attempt",
  deadReason: "x-dead-reason",
  lastReply: "x-last-reply",
  /** When the email was given up, as ISO 8601. */
  deadAt: "x-dead-at",
} as const;

interface Destination extends Pick<Publication, "exchange" | "routingKey"> {
  /** A consumer's queue; absent for a publisher. */
  readonly queue?: string;
}

/**
 * A destination as OpenTelemetry names it for RabbitMQ: `rpc:send.email`, for a consumer `rpc:send.email:send-email`. Empty parts
 * are left out, and so is a queue with the routing key's name (https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/).
 */
export function destinationName({ exchange, routingKey, queue = "" }: Destination): string {
  const parts = [exchange, routingKey, queue === routingKey ? "" : queue];
  return parts.filter((part) => part !== "").join(":") || "amq.default";
}

interface MessageFacts {
  readonly emailId: string;
  /** When the message server accepted the email, in seconds since 1970. It becomes the mail's Date. */
  readonly acceptedAtSeconds: number;
  /** Who publishes, as `name/version`. */
  readonly appId: string;
  readonly headers: Readonly<Record<string, string | number>>;
}

/**
 * The properties of a persistent, mandatory message. They are never copied from a delivery: with `x-death` and
 * `x-delivery-count`, RabbitMQ would treat a retried message as a dead-letter cycle and drop it.
 */
export function messageOptions(facts: MessageFacts): Options.Publish {
  return {
    persistent: true,
    mandatory: true,
    contentType: "application/json",
    appId: facts.appId,
    messageId: facts.emailId,
    timestamp: facts.acceptedAtSeconds,
    headers: { ...facts.headers },
  };
}

/** The id of the email in a message. Another publisher may set none: it is then derived from the content, always the same. */
export async function emailIdOf({ content, properties }: Message): Promise<string> {
  const id: unknown = properties.messageId;
  return typeof id === "string" && EMAIL_ID.test(id)
    ? id.toLowerCase()
    : await uuidOf(new TextDecoder().decode(content));
}

/**
 * Reads headers of a message by name, whatever their case: other publishers may spell them differently. A long one is cut, one
 * without a text value is ignored.
 */
export function messageHeaders(message: Message): HeaderReader {
  const byLowerCaseName = new Map<string, string>();
  for (const [name, value] of Object.entries<unknown>(message.properties.headers ?? {})) {
    const text = textOf(value);
    if (text !== undefined) byLowerCaseName.set(name.toLowerCase(), cutText(text));
  }
  return (lowerCaseName) => byLowerCaseName.get(lowerCaseName);
}

/** A header's value as text: some clients send flags as booleans, and texts as byte arrays. */
function textOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return String(value);
    case "boolean":
      return value ? "1" : "0";
  }
}

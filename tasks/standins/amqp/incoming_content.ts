import { Buffer } from "node:buffer";
import { AmqpError, assertNoSystemName, notImplemented } from "./amqp_error.ts";
import { type ContentHeader, decodeContentHeader } from "./codec.ts";
import type { Publication } from "./message.ts";
import type { ClientMethods } from "./methods.ts";

/** The largest body, in bytes: the default of RabbitMQ 4 (`max_message_size`). */
export const BODY_MAX_BYTES = 16 * 1024 * 1024;

/** The largest content header, in bytes: the codec encodes 64 KiB, and a dead letter's headers need some of it. */
const CONTENT_HEADER_MAX_BYTES = 40 * 1024;

/** The largest time to live that RabbitMQ takes, in milliseconds. */
const TTL_MAX_MS = 2 ** 32 - 1;

/** Puts a published message together from its method, its content header and its body frames. */
export class IncomingContent {
  readonly method: Readonly<ClientMethods["BasicPublish"]>;
  readonly #user: string;
  readonly #parts: Buffer[] = [];
  #header: ContentHeader | undefined;
  #missingBytes = 0;

  constructor(method: Readonly<ClientMethods["BasicPublish"]>, user: string) {
    this.method = method;
    this.#user = user;
  }

  /** Takes the content header. */
  addHeader(payload: Buffer): void {
    if (this.#header !== undefined) throw unexpectedFrame("a content body");
    if (payload.length > CONTENT_HEADER_MAX_BYTES) {
      throw notImplemented(`content header of more than ${CONTENT_HEADER_MAX_BYTES} bytes`);
    }
    const header = decodeContentHeader(payload);
    const { bodySizeBytes } = header;
    if (bodySizeBytes > BODY_MAX_BYTES) {
      throw new AmqpError(
        406,
        `message size ${bodySizeBytes} is larger than configured max size ${BODY_MAX_BYTES}`,
      );
    }
    this.#missingBytes = bodySizeBytes;
    this.#header = header;
  }

  /** Takes a part of the body. */
  addBody(payload: Buffer): void {
    if (this.#header === undefined) throw unexpectedFrame("a content header");
    if (payload.length > this.#missingBytes) throw unexpectedFrame("a method");
    this.#missingBytes -= payload.length;
    // Copied: the frame is a view of the socket's buffer.
    this.#parts.push(Buffer.from(payload));
  }

  get isComplete(): boolean {
    return this.#header !== undefined && this.#missingBytes === 0;
  }

  /** The message, once it is complete. */
  toPublication(): Publication {
    if (this.#header === undefined) throw unexpectedFrame("a content header");
    const { properties, encodedProperties } = this.#header;
    const { userId, replyTo, headers } = properties;
    if (replyTo !== undefined) assertNoSystemName("queue", replyTo);
    if (userId !== undefined && userId !== this.#user) {
      throw new AmqpError(
        406,
        `user_id property set to '${userId}' but authenticated user was '${this.#user}'`,
      );
    }
    if (headers?.CC !== undefined || headers?.BCC !== undefined) {
      throw notImplemented("sender-selected distribution (the headers CC and BCC)");
    }
    const [first, ...rest] = this.#parts;
    return {
      exchange: this.method.exchange,
      routingKey: this.method.routingKey,
      properties: encodedProperties,
      body: first !== undefined && rest.length === 0 ? first : Buffer.concat(this.#parts),
      isPersistent: properties.deliveryMode === 2,
      ttlMs: parseExpiration(properties.expiration),
    };
  }
}

/** The error for a frame of the wrong kind (AMQP 0-9-1, section 4.2.6). */
export function unexpectedFrame(expected: string): AmqpError {
  return new AmqpError(505, `expected ${expected} frame, got another one instead`);
}

/** Reads the time to live of one message (https://www.rabbitmq.com/docs/ttl#per-message-ttl-in-publishers). */
function parseExpiration(expiration: string | undefined): number | undefined {
  if (expiration === undefined) return undefined;
  const problem = !/^-?\d+$/.test(expiration)
    ? "no_integer"
    : Number(expiration) < 0
    ? `{value_negative,${expiration}}`
    : Number(expiration) > TTL_MAX_MS
    ? `{value_too_big,${expiration}}`
    : undefined;
  if (problem !== undefined) {
    throw new AmqpError(406, `invalid expiration '${expiration}': ${problem}`);
  }
  return Number(expiration);
}

import { Buffer } from "node:buffer";
import { AmqpError, assertNoSystemName, notImplemented } from "./amqp_error.ts";
import { decodeContentHeader } from "./codec.ts";
import type { Publication } from "./message.ts";
import type { ClientMethods } from "./methods.ts";

/** The largest body, in bytes: the default of RabbitMQ 4 (`max_message_size`). */
export const BODY_MAX_BYTES = 16 * 1024 * 1024;

/** The largest content header, in bytes: the codec encodes 64 KiB, and a dead letter's headers need some of it. */
const CONTENT_HEADER_MAX_BYTES = 40 * 1024;

/** Puts a published message together from its method, its content header and its body frames. */
export class IncomingContent {
  readonly #parts: Buffer[] = [];
  #header: ReturnType<typeof decodeContentHeader> | undefined;
  #missingBytes = 0;

  constructor(readonly method: Readonly<ClientMethods["BasicPublish"]>) {}

  addHeader(payload: Buffer): void {
    if (this.#header !== undefined) throw unexpectedFrame("a content body");
    if (payload.length > CONTENT_HEADER_MAX_BYTES) {
      throw notImplemented(`content header of more than ${CONTENT_HEADER_MAX_BYTES} bytes`);
    }
    const header = decodeContentHeader(payload);
    const { bodySizeBytes } = header;
    if (bodySizeBytes > BODY_MAX_BYTES) {
      const detail = `${bodySizeBytes} is larger than configured max size ${BODY_MAX_BYTES}`;
      throw new AmqpError(406, `message size ${detail}`);
    }
    this.#missingBytes = bodySizeBytes;
    this.#header = header;
  }

  addBody(payload: Buffer): void {
    if (this.#header === undefined) throw unexpectedFrame("a content header");
    if (payload.length > this.#missingBytes) throw unexpectedFrame("a method");
    this.#missingBytes -= payload.length;
    // Copied: the frame is a view of the socket's buffer.
    this.#parts.push(Buffer.from(payload));
  }

  /** The message, once all of it has arrived. */
  toPublication(): Publication | undefined {
    if (this.#header === undefined || this.#missingBytes > 0) return undefined;
    const { properties, encodedProperties } = this.#header;
    const { userId, replyTo, expiration, headers } = properties;
    if (replyTo !== undefined) assertNoSystemName("queue", replyTo);
    if (userId !== undefined) throw notImplemented("message property user_id");
    if (expiration !== undefined) throw notImplemented("message property expiration");
    if (headers?.CC !== undefined || headers?.BCC !== undefined) {
      throw notImplemented("sender-selected distribution (the headers CC and BCC)");
    }
    const [first, ...rest] = this.#parts;
    return {
      exchange: this.method.exchange,
      routingKey: this.method.routingKey,
      properties: encodedProperties,
      body: first !== undefined && rest.length === 0 ? first : Buffer.concat(this.#parts),
    };
  }
}

/** The error for a frame of the wrong kind (AMQP 0-9-1, section 4.2.6). */
export function unexpectedFrame(expected: string): AmqpError {
  return new AmqpError(505, `expected ${expected} frame, got another one instead`);
}

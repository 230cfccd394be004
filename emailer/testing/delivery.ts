import { Buffer } from "node:buffer";
import type { ConsumeMessage, MessageProperties } from "amqplib";

/** The document of {@linkcode delivery} unless another content is given. */
export const DOCUMENT = {
  sender: { address: "sender@example.com", display: "Sender" },
  recipient: { address: "recipient@example.com" },
  subject: "Subject",
  body: "Body",
} as const;

/** What a test wants of a delivery. */
export interface DeliveryOptions {
  /** Its content, as text or bytes. @default {@linkcode DOCUMENT} as JSON */
  readonly content?: string | Uint8Array;
  /** Its headers. @default none */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Its properties beside the headers. @default none, as the original's server publishes */
  readonly properties?: Partial<MessageProperties>;
}

/**
 * A message as the broker delivers it.
 *
 * @param options What is special about it.
 * @returns The message.
 */
export function delivery(
  { content = JSON.stringify(DOCUMENT), headers, properties }: DeliveryOptions = {},
): ConsumeMessage {
  return {
    content: Buffer.from(content),
    fields: {
      deliveryTag: 1,
      redelivered: false,
      exchange: "rpc",
      routingKey: "send.email",
      consumerTag: "consumer",
    },
    properties: {
      contentType: undefined,
      contentEncoding: undefined,
      headers: headers === undefined ? undefined : { ...headers },
      deliveryMode: undefined,
      priority: undefined,
      correlationId: undefined,
      replyTo: undefined,
      expiration: undefined,
      messageId: undefined,
      timestamp: undefined,
      type: undefined,
      userId: undefined,
      appId: undefined,
      clusterId: undefined,
      ...properties,
    },
  };
}

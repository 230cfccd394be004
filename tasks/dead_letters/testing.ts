import { Buffer } from "node:buffer";
import type { GetMessage, MessageProperties } from "amqplib";

/** What a test wants of a message. */
export interface MessageOptions {
  /** Its content. @default an email document */
  readonly content?: string;
  /** Its headers. @default none */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Its properties beside the headers. @default none */
  readonly properties?: Partial<MessageProperties>;
}

/** The document of {@linkcode messageOf} unless another content is given. */
export const DOCUMENT = {
  sender: { address: "sender@example.com", display: "Sender" },
  recipient: { address: "recipient@example.com" },
  subject: "Subject",
  body: "Body",
} as const;

/**
 * A message as `basic.get` answers it.
 *
 * @param options What is special about it.
 * @param deliveryTag Its place on the channel. @default 1
 * @returns The message.
 */
export function messageOf(
  { content = JSON.stringify(DOCUMENT), headers, properties }: MessageOptions = {},
  deliveryTag: number = 1,
): GetMessage {
  return {
    content: Buffer.from(content),
    fields: {
      deliveryTag,
      redelivered: false,
      exchange: "",
      routingKey: "send-email.dead",
      messageCount: 0,
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

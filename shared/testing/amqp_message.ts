import { Buffer } from "node:buffer";
import type { ConsumeMessage, GetMessage, MessageProperties } from "amqplib";

/** The document that an AMQP message for tests carries, unless another content is given. */
export const EXAMPLE_DOCUMENT = {
  sender: { address: "sender@example.com", display: "Sender" },
  recipient: { address: "recipient@example.com" },
  subject: "Subject",
  body: "Body",
} as const;

/** A test's options for an AMQP message. */
export interface MessageContents {
  /** Its content, as text or bytes. @default {@linkcode EXAMPLE_DOCUMENT} as JSON */
  readonly content?: string | Uint8Array;
  /** Its headers. @default none */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Its properties besides the headers. @default none, as the original's server publishes */
  readonly properties?: Partial<MessageProperties>;
}

/** A message as the broker delivers it to a consumer of the queue of emails. */
export function deliveredMessage(contents: MessageContents = {}): ConsumeMessage {
  return {
    ...messageOf(contents),
    fields: {
      deliveryTag: 1,
      redelivered: false,
      exchange: "rpc",
      routingKey: "send.email",
      consumerTag: "consumer",
    },
  };
}

/** A message as `basic.get` returns it from the queue of dead letters. */
export function fetchedMessage(
  contents: MessageContents = {},
  deliveryTag: number = 1,
): GetMessage {
  return {
    ...messageOf(contents),
    fields: {
      deliveryTag,
      redelivered: false,
      exchange: "",
      routingKey: "send-email.dead",
      messageCount: 0,
    },
  };
}

function messageOf(
  { content = JSON.stringify(EXAMPLE_DOCUMENT), headers, properties }: MessageContents,
): Pick<GetMessage, "content" | "properties"> {
  return {
    content: Buffer.from(content),
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

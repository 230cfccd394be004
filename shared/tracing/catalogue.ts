/**
 * The spans that an email leaves in the collector, with their tags. Tests compare every trace with it, and the tables of
 * `spans.md` are made from it.
 *
 * ```ts
 * import { EMAIL_TRACE } from "@playground/shared/tracing/catalogue";
 *
 * console.log(EMAIL_TRACE.map(({ name, service }) => `${name} of ${service}`));
 * ```
 *
 * @module
 */
import { attribute } from "./attributes.ts";

export { type TagDefinition, TAGS } from "./attributes.ts";

/** One kind of span. */
export interface SpanDefinition {
  readonly name: string;
  /** The service that it is reported for. */
  readonly service: string;
  /** The other side, where there is one. */
  readonly remoteService?: string;
  /** Its kind in Zipkin; a local span has none. */
  readonly kind?: "CLIENT" | "SERVER" | "PRODUCER" | "CONSUMER";
  /** The name of the span above it; none for a root. */
  readonly parent?: string;
  /** Where it starts. */
  readonly from: string;
  /** Where it ends. */
  readonly to: string;
  /** The tags that it always has. */
  readonly tags: readonly string[];
  readonly optionalTags?: readonly string[];
}

/** The tags of every failed span. */
export const ERROR_TAGS: readonly string[] = [
  attribute.error,
  attribute.otelStatusCode,
  attribute.errorType,
];

/** The tags of every span of an email whose caller sent baggage, with the default `TRACE_BAGGAGE_KEYS`. */
export const BAGGAGE_TAGS: readonly string[] = [attribute.tenant];

const SERVER_TAGS = [attribute.serverAddress, attribute.serverPort];

const MESSAGING_TAGS = [
  attribute.messagingSystem,
  attribute.messagingDestinationName,
  attribute.messagingOperationName,
  attribute.messagingOperationType,
  attribute.messagingRoutingKey,
];

const PUBLISH_TAGS = [
  attribute.peerService,
  attribute.brokerService,
  attribute.brokerAddress,
  attribute.brokerPort,
  attribute.amqpExchange,
  attribute.amqpRoutingKey,
  ...MESSAGING_TAGS,
  ...SERVER_TAGS,
];

const ORIGIN_TAGS = [attribute.originTraceId, attribute.originSpanId];

/** Absent when there was no answer. */
const STATUS_TAGS = [attribute.httpStatus, attribute.httpResponseStatusCode];

/** The producer's half of a publish, reported by the publisher itself. */
const PUBLISH = {
  remoteService: "rabbitmq",
  kind: "PRODUCER",
  to: "the broker confirmed it",
  tags: [...PUBLISH_TAGS, attribute.messagingMessageId],
} as const;

/** The consumer's half, reported by the emailer on the broker's behalf. */
const RECEIPT = {
  service: "rabbitmq",
  kind: "CONSUMER",
  from: "the time of the publish, which the message carries",
} as const;

/** A call of the poller to Mailtrap's API. */
const API_CALL = {
  service: "mail-poller",
  remoteService: "mailtrap",
  kind: "CLIENT",
  parent: "poll-email",
  from: "before the request",
  tags: [
    attribute.peerService,
    attribute.peerHostname,
    attribute.peerPort,
    ...SERVER_TAGS,
    attribute.httpMethod,
    attribute.httpUrl,
    attribute.httpRequestMethod,
    attribute.urlFull,
  ],
} as const;

/** The email's own trace: from the HTTP request to Mailtrap, and its end in the archive. */
export const EMAIL_TRACE: readonly SpanDefinition[] = [
  {
    name: "schedule-email",
    service: "message-server",
    kind: "SERVER",
    from: "the request's headers arrived, before its body is read",
    to: "the answer is ready",
    tags: [
      attribute.peerAddress,
      attribute.httpMethod,
      attribute.httpUrl,
      attribute.httpStatusCode,
      attribute.httpRequestMethod,
      attribute.httpResponseStatusCode,
      attribute.httpRoute,
      attribute.urlPath,
      attribute.urlScheme,
      ...SERVER_TAGS,
    ],
    optionalTags: [attribute.synthetic, attribute.recipientDomain],
  },
  {
    ...PUBLISH,
    name: "amqp-publish",
    service: "message-server",
    parent: "schedule-email",
    from: "before the publish",
  },
  {
    ...RECEIPT,
    name: "amqp-publish",
    remoteService: "message-server",
    parent: "schedule-email",
    to: "the emailer received it",
    tags: PUBLISH_TAGS,
    optionalTags: [attribute.messagingMessageId],
  },
  {
    name: "emailer",
    service: "emailer",
    kind: "SERVER",
    parent: "amqp-publish",
    from: "the message was received",
    to: "the email is delivered, waits for another attempt, or is dead-lettered",
    tags: [
      attribute.amqpExchange,
      attribute.amqpRoutingKey,
      attribute.correlationId,
      attribute.attempt,
      attribute.maxAttempts,
      attribute.outcome,
      attribute.traceThroughSmtp,
      ...MESSAGING_TAGS,
      attribute.messagingDeliveryTag,
      attribute.messagingMessageId,
      ...SERVER_TAGS,
    ],
    optionalTags: ORIGIN_TAGS,
  },
  {
    name: "send-email",
    service: "emailer",
    remoteService: "mailtrap",
    kind: "CLIENT",
    parent: "emailer",
    from: "before the connection",
    to: "the mail server's reply to the data",
    tags: [
      attribute.peerService,
      attribute.peerHostname,
      attribute.smtpServer,
      attribute.smtpPort,
      attribute.smtpTls,
      attribute.smtpPayloadSize,
      attribute.networkProtocolName,
      ...SERVER_TAGS,
    ],
    optionalTags: [attribute.smtpReplyCode],
  },
  {
    ...PUBLISH,
    name: "amqp-retry",
    service: "emailer",
    parent: "emailer",
    from: "before the publish to a retry queue, or back to the queue while no mail can be sent",
  },
  {
    ...RECEIPT,
    name: "amqp-retry",
    remoteService: "emailer",
    parent: "emailer",
    to: "an emailer received it, after the wait",
    tags: PUBLISH.tags,
    optionalTags: [attribute.retryTraceId],
  },
  {
    name: "archive-email",
    service: "mail-poller",
    parent: "emailer",
    from: "Mailtrap received the mail",
    to: "MongoDB has it",
    tags: [attribute.dbObjectId, attribute.pollTraceId],
    optionalTags: [attribute.correlationId],
  },
];

/** The trace of a poll. With `TRACE_THROUGH_SMTP=join` the last three are in the email's trace, below `emailer`. */
export const POLL_TRACE: readonly SpanDefinition[] = [
  {
    name: "poll-email",
    service: "mail-poller",
    from: "the poll begins",
    to: "the poll is over",
    tags: [
      attribute.spanKind,
      attribute.messageCount,
      attribute.storedCount,
      attribute.failedCount,
    ],
  },
  { ...API_CALL, name: "fetch-inbox", to: "its answer was read", optionalTags: STATUS_TAGS },
  {
    ...API_CALL,
    name: "fetch-message",
    to: "the mail was read",
    optionalTags: [...STATUS_TAGS, ...ORIGIN_TAGS],
  },
  {
    name: "store-message",
    service: "mail-poller",
    remoteService: "mongodb",
    kind: "CLIENT",
    parent: "poll-email",
    from: "before the write",
    to: "a majority of the database has it",
    tags: [
      attribute.peerService,
      attribute.dbType,
      attribute.dbInstance,
      attribute.dbObjectId,
      attribute.dbSystemName,
      attribute.dbNamespace,
      attribute.dbCollectionName,
      attribute.dbOperationName,
      ...SERVER_TAGS,
    ],
    optionalTags: [attribute.correlationId, ...ORIGIN_TAGS],
  },
  {
    ...API_CALL,
    name: "delete-message",
    to: "its answer was read",
    optionalTags: [...STATUS_TAGS, ...ORIGIN_TAGS],
  },
];

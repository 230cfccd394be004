import { attribute } from "./attributes.ts";

/** What a tag tells. In Zipkin each value is text; the type says how to read it. */
export interface TagDefinition {
  /** How to read the value. */
  readonly type: "text" | "integer" | "boolean" | "hex";
  /** What it tells. */
  readonly meaning: string;
}

/** One kind of span. */
export interface SpanDefinition {
  /** Its name. */
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
  /** The tags that it may have. */
  readonly optionalTags?: readonly string[];
}

/** The tags, by name. */
export const TAGS: Readonly<Record<string, TagDefinition>> = {
  [attribute.peerAddress]: { type: "text", meaning: "address of the caller" },
  [attribute.peerService]: { type: "text", meaning: "the other side, as a service" },
  [attribute.peerHostname]: { type: "text", meaning: "host name of the other side" },
  [attribute.peerPort]: { type: "integer", meaning: "port of the other side" },
  [attribute.serverAddress]: { type: "text", meaning: "host of the server" },
  [attribute.serverPort]: { type: "integer", meaning: "port of the server" },
  [attribute.networkProtocolName]: { type: "text", meaning: "`smtp`" },
  [attribute.httpMethod]: { type: "text", meaning: "method of the request" },
  [attribute.httpUrl]: { type: "text", meaning: "address of the request, without its query" },
  [attribute.httpStatusCode]: { type: "integer", meaning: "status of the answer (server side)" },
  [attribute.httpStatus]: { type: "integer", meaning: "status of the answer (client side)" },
  [attribute.httpRequestMethod]: { type: "text", meaning: "the same, as OpenTelemetry names it" },
  [attribute.httpResponseStatusCode]: {
    type: "integer",
    meaning: "the same, as OpenTelemetry names it",
  },
  [attribute.httpRoute]: { type: "text", meaning: "route that answered" },
  [attribute.synthetic]: {
    type: "text",
    meaning: "`test`: the email comes from `deno task load`",
  },
  [attribute.recipientDomain]: {
    type: "text",
    meaning: "domain of the recipient, once the document is known to be valid",
  },
  [attribute.urlPath]: { type: "text", meaning: "path of the request" },
  [attribute.urlScheme]: { type: "text", meaning: "`http` or `https`" },
  [attribute.urlFull]: { type: "text", meaning: "address of the request" },
  [attribute.brokerAddress]: { type: "text", meaning: "host of the broker" },
  [attribute.brokerService]: { type: "text", meaning: "`rabbitmq`" },
  [attribute.brokerPort]: { type: "integer", meaning: "port of the broker" },
  [attribute.amqpExchange]: {
    type: "text",
    meaning: "exchange; empty for the default one, which routes by queue name",
  },
  [attribute.amqpRoutingKey]: { type: "text", meaning: "routing key" },
  [attribute.messagingSystem]: { type: "text", meaning: "`rabbitmq`" },
  [attribute.messagingDestinationName]: {
    type: "text",
    meaning: "`{exchange}:{routing key}`, for a consumer with `:{queue}`",
  },
  [attribute.messagingOperationName]: { type: "text", meaning: "`publish` or `process`" },
  [attribute.messagingOperationType]: { type: "text", meaning: "`send` or `process`" },
  [attribute.messagingRoutingKey]: { type: "text", meaning: "routing key" },
  [attribute.messagingMessageId]: { type: "text", meaning: "id of the email" },
  [attribute.correlationId]: { type: "text", meaning: "id of the email" },
  [attribute.attempt]: { type: "integer", meaning: "which attempt to send the email, from 1" },
  [attribute.maxAttempts]: {
    type: "integer",
    meaning: "after how many attempts the email is given up",
  },
  [attribute.outcome]: {
    type: "text",
    meaning: "`delivered`, `retried`, `dead-lettered` or `requeued`",
  },
  [attribute.traceThroughSmtp]: {
    type: "text",
    meaning: "how the trace goes on in the mail: `link`, `join` or `off`",
  },
  [attribute.smtpServer]: { type: "text", meaning: "host of the mail server" },
  [attribute.smtpPort]: { type: "integer", meaning: "port of the mail server" },
  [attribute.smtpTls]: { type: "boolean", meaning: "whether the connection is encrypted" },
  [attribute.smtpPayloadSize]: { type: "integer", meaning: "size of the mail in bytes" },
  [attribute.smtpReplyCode]: {
    type: "integer",
    meaning: "the mail server's last reply; none if it gave none",
  },
  [attribute.spanKind]: { type: "text", meaning: "`periodic`" },
  [attribute.messageCount]: { type: "integer", meaning: "messages found in the inbox" },
  [attribute.storedCount]: { type: "integer", meaning: "messages that are in the archive now" },
  [attribute.failedCount]: { type: "integer", meaning: "failures of this poll" },
  [attribute.originTraceId]: { type: "hex", meaning: "the trace that brought the mail here" },
  [attribute.originSpanId]: { type: "hex", meaning: "its `emailer` span" },
  [attribute.pollTraceId]: { type: "hex", meaning: "the trace of the poll" },
  [attribute.dbType]: { type: "text", meaning: "`mongodb`" },
  [attribute.dbInstance]: { type: "text", meaning: "database and collection" },
  [attribute.dbObjectId]: { type: "hex", meaning: "the document's id" },
  [attribute.dbSystemName]: { type: "text", meaning: "`mongodb`" },
  [attribute.dbNamespace]: { type: "text", meaning: "database" },
  [attribute.dbCollectionName]: { type: "text", meaning: "collection" },
  [attribute.dbOperationName]: { type: "text", meaning: "`update`" },
  [attribute.errorType]: {
    type: "text",
    meaning: "class of the error: a status, a reply code or a kind of failure",
  },
  "error": { type: "text", meaning: "what went wrong, in words; only where something did" },
  "otel.status_code": { type: "text", meaning: "`ERROR`, beside `error`" },
};

/** What any span has when it failed. */
export const ERROR_TAGS: readonly string[] = ["error", "otel.status_code", attribute.errorType];

const PUBLISH_TAGS = [
  attribute.peerService,
  attribute.brokerService,
  attribute.brokerAddress,
  attribute.brokerPort,
  attribute.amqpExchange,
  attribute.amqpRoutingKey,
  attribute.messagingSystem,
  attribute.messagingDestinationName,
  attribute.messagingOperationName,
  attribute.messagingOperationType,
  attribute.messagingRoutingKey,
  attribute.serverAddress,
  attribute.serverPort,
];

const API_TAGS = [
  attribute.peerService,
  attribute.peerHostname,
  attribute.peerPort,
  attribute.serverAddress,
  attribute.serverPort,
  attribute.httpMethod,
  attribute.httpUrl,
  attribute.httpRequestMethod,
  attribute.urlFull,
];

const ORIGIN_TAGS = [attribute.originTraceId, attribute.originSpanId];

/** No status where there was no answer. */
const STATUS_TAGS = [attribute.httpStatus, attribute.httpResponseStatusCode];

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
      attribute.serverAddress,
      attribute.serverPort,
    ],
    optionalTags: [attribute.synthetic, attribute.recipientDomain],
  },
  {
    name: "amqp-publish",
    service: "message-server",
    remoteService: "rabbitmq",
    kind: "PRODUCER",
    parent: "schedule-email",
    from: "before the publish",
    to: "the broker confirmed it",
    tags: [...PUBLISH_TAGS, attribute.messagingMessageId],
  },
  {
    name: "amqp-publish",
    service: "rabbitmq",
    remoteService: "message-server",
    kind: "CONSUMER",
    parent: "schedule-email",
    from: "the time of the publish, which the message carries",
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
      attribute.messagingSystem,
      attribute.messagingDestinationName,
      attribute.messagingOperationName,
      attribute.messagingOperationType,
      attribute.messagingRoutingKey,
      attribute.messagingMessageId,
      attribute.serverAddress,
      attribute.serverPort,
    ],
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
      attribute.serverAddress,
      attribute.serverPort,
    ],
    optionalTags: [attribute.smtpReplyCode],
  },
  {
    name: "amqp-retry",
    service: "emailer",
    remoteService: "rabbitmq",
    kind: "PRODUCER",
    parent: "emailer",
    from: "before the publish to a retry queue, or back to the queue while no mail can be sent",
    to: "the broker confirmed it",
    tags: [...PUBLISH_TAGS, attribute.messagingMessageId],
  },
  {
    name: "amqp-retry",
    service: "rabbitmq",
    remoteService: "emailer",
    kind: "CONSUMER",
    parent: "emailer",
    from: "the time of the publish, which the message carries",
    to: "an emailer received it, after the wait",
    tags: [...PUBLISH_TAGS, attribute.messagingMessageId],
  },
  {
    name: "archive-email",
    service: "mail-poller",
    parent: "emailer",
    from: "Mailtrap received the mail",
    to: "MongoDB has it",
    tags: [attribute.dbObjectId, attribute.pollTraceId],
  },
];

/** The trace of a poll. With `TRACE_THROUGH_SMTP=join` the last three stand in the email's trace, below `emailer`. */
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
  {
    name: "fetch-inbox",
    service: "mail-poller",
    remoteService: "mailtrap",
    kind: "CLIENT",
    parent: "poll-email",
    from: "before the request",
    to: "its answer was read",
    tags: API_TAGS,
    optionalTags: STATUS_TAGS,
  },
  {
    name: "fetch-message",
    service: "mail-poller",
    remoteService: "mailtrap",
    kind: "CLIENT",
    parent: "poll-email",
    from: "before the request",
    to: "the mail was read",
    tags: API_TAGS,
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
      attribute.serverAddress,
      attribute.serverPort,
    ],
    optionalTags: ORIGIN_TAGS,
  },
  {
    name: "delete-message",
    service: "mail-poller",
    remoteService: "mailtrap",
    kind: "CLIENT",
    parent: "poll-email",
    from: "before the request",
    to: "its answer was read",
    tags: API_TAGS,
    optionalTags: [...STATUS_TAGS, ...ORIGIN_TAGS],
  },
];

/** How to read the value of a tag; in Zipkin each is text. */
type TagType = "text" | "integer" | "boolean" | "hex";
type Row = readonly [name: string, meaning: string, type?: TagType];

/**
 * All tags, the original's beside OpenTelemetry's semantic conventions: name, meaning, and the type if it is not text. They are
 * in one place, so that no module uses a second spelling.
 */
const ROWS = {
  peerAddress: ["peer.address", "address of the caller"],
  peerService: ["peer.service", "the other side, as a service; Zipkin's map is drawn from it"],
  peerHostname: ["peer.hostname", "host name of the other side"],
  peerPort: ["peer.port", "port of the other side", "integer"],
  serverAddress: ["server.address", "host of the server"],
  serverPort: ["server.port", "port of the server", "integer"],
  networkProtocolName: ["network.protocol.name", "protocol: `smtp`"],
  httpMethod: ["http.method", "method of the request"],
  httpUrl: ["http.url", "address of the request, without its query"],
  httpStatusCode: ["http.status_code", "status of the answer (server side)", "integer"],
  httpStatus: ["http.status", "status of the answer (client side)", "integer"],
  httpRequestMethod: ["http.request.method", "the same, as OpenTelemetry names it"],
  httpResponseStatusCode: [
    "http.response.status_code",
    "the same, as OpenTelemetry names it",
    "integer",
  ],
  httpRoute: ["http.route", "route that answered"],
  synthetic: ["user_agent.synthetic.type", "`test`: the email comes from `deno task load`"],
  recipientDomain: [
    "recipient.domain",
    "domain of the recipient, once the document is known to be valid",
  ],
  urlPath: ["url.path", "path of the request"],
  urlScheme: ["url.scheme", "`http` or `https`"],
  urlFull: ["url.full", "address of the request"],
  brokerAddress: ["broker.address", "host of the broker"],
  brokerService: ["broker.service", "the broker, as a service: `rabbitmq`"],
  brokerPort: ["broker.port", "port of the broker", "integer"],
  amqpExchange: [
    "amqp.exchange",
    "exchange; empty for the default one, which routes by queue name",
  ],
  amqpRoutingKey: ["amqp.routing_key", "routing key"],
  messagingSystem: ["messaging.system", "kind of broker: `rabbitmq`"],
  messagingDestinationName: [
    "messaging.destination.name",
    "`{exchange}:{routing key}`, for a consumer with `:{queue}`; empty parts are left out",
  ],
  messagingOperationName: ["messaging.operation.name", "what is done: `publish` or `process`"],
  messagingOperationType: ["messaging.operation.type", "kind of what is done: `send` or `process`"],
  messagingRoutingKey: ["messaging.rabbitmq.destination.routing_key", "routing key"],
  messagingDeliveryTag: [
    "messaging.rabbitmq.message.delivery_tag",
    "number of the delivery on its channel, from 1",
    "integer",
  ],
  messagingMessageId: ["messaging.message.id", "id of the email"],
  correlationId: ["correlation_id", "id of the email, which a mail carries even without its trace"],
  attempt: ["attempt", "number of the attempt to send the email, from 1", "integer"],
  maxAttempts: [
    "max_attempts",
    "the number of attempts after which the email is given up",
    "integer",
  ],
  outcome: [
    "outcome",
    "how the attempt ended: `delivered`, `retried`, `dead-lettered` or `requeued`",
  ],
  traceThroughSmtp: [
    "trace_through_smtp",
    "how the mail carries the trace: `link`, `join` or `off`",
  ],
  smtpServer: ["smtp.server", "host of the mail server"],
  smtpPort: ["smtp.port", "port of the mail server", "integer"],
  smtpTls: ["smtp.tls", "whether the connection is encrypted", "boolean"],
  smtpPayloadSize: ["smtp.payload_size", "size of the mail in bytes", "integer"],
  smtpReplyCode: [
    "smtp.reply_code",
    "the mail server's last reply; 4xx: not now, try later; 5xx: never; none if it gave none",
    "integer",
  ],
  spanKind: ["span.kind", "what started the poll: `periodic`"],
  messageCount: ["message_count", "messages found in the inbox", "integer"],
  storedCount: ["stored_count", "messages that are in the archive now", "integer"],
  failedCount: ["failed_count", "failures of this poll", "integer"],
  originTraceId: [
    "origin.trace_id",
    "the trace that led here: for a poll's step that of the attempt, for an attempt that of the attempt before",
    "hex",
  ],
  originSpanId: ["origin.span_id", "the span of that trace: `emailer`, or `amqp-retry`", "hex"],
  retryTraceId: ["retry.trace_id", "the trace in which the email is tried again", "hex"],
  pollTraceId: ["poll.trace_id", "the trace of the poll", "hex"],
  dbType: ["db.type", "kind of database: `mongodb`"],
  dbInstance: ["db.instance", "database and collection"],
  dbObjectId: ["db.object_id", "the document's id", "hex"],
  dbSystemName: ["db.system.name", "kind of database: `mongodb`"],
  dbNamespace: ["db.namespace", "database"],
  dbCollectionName: ["db.collection.name", "collection"],
  dbOperationName: ["db.operation.name", "what is done: `update`"],
  tenant: ["tenant", "whose email it is, from the caller's `baggage`"],
  errorType: ["error.type", "class of the error: a status, a reply code or a kind of failure"],
  error: ["error", "what went wrong, in words"],
  otelStatusCode: ["otel.status_code", "the status of the span: `ERROR`, beside `error`"],
} as const satisfies Readonly<Record<string, Row>>;

type Names = { readonly [Key in keyof typeof ROWS]: (typeof ROWS)[Key][0] };

/** The names of all attributes that a span can have. */
export const attribute = {
  ...Object.fromEntries(Object.entries(ROWS).map(([key, [name]]) => [key, name])) as Names,
  // No tags: the exporter makes the endpoints of a span from them.
  serviceName: "service.name",
  networkPeerAddress: "network.peer.address",
} as const;

/** What a tag is about. */
export interface TagDefinition {
  /** How to read its value; in Zipkin each is text. */
  readonly type: TagType;
  readonly meaning: string;
  /** Whether it repeats an original tag under OpenTelemetry's name. */
  readonly isConvention: boolean;
}

const CONVENTION =
  /^(?:messaging|network|otel|server|url)\.|^http\.(?:re|route)|^db\.(?:.+\.name|namespace)$/;

/** The tags, by name. */
export const TAGS: Readonly<Record<string, TagDefinition>> = Object.fromEntries(
  Object.values<Row>(ROWS).map(([name, meaning, type = "text"]) => [
    name,
    { type, meaning, isConvention: CONVENTION.test(name) },
  ]),
);

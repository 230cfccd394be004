/** How to read the value of a tag; in Zipkin each is text. */
type TagType = "text" | "integer" | "boolean" | "hex";

/**
 * All tags, those of the original beside OpenTelemetry's semantic conventions: name, type, and what it tells. One place, so
 * that no piece invents a second spelling.
 */
const ROWS = {
  peerAddress: ["peer.address", "text", "address of the caller"],
  peerService: ["peer.service", "text", "the other side, as a service"],
  peerHostname: ["peer.hostname", "text", "host name of the other side"],
  peerPort: ["peer.port", "integer", "port of the other side"],
  serverAddress: ["server.address", "text", "host of the server"],
  serverPort: ["server.port", "integer", "port of the server"],
  networkProtocolName: ["network.protocol.name", "text", "`smtp`"],
  httpMethod: ["http.method", "text", "method of the request"],
  httpUrl: ["http.url", "text", "address of the request, without its query"],
  httpStatusCode: ["http.status_code", "integer", "status of the answer (server side)"],
  httpStatus: ["http.status", "integer", "status of the answer (client side)"],
  httpRequestMethod: ["http.request.method", "text", "the same, as OpenTelemetry names it"],
  httpResponseStatusCode: [
    "http.response.status_code",
    "integer",
    "the same, as OpenTelemetry names it",
  ],
  httpRoute: ["http.route", "text", "route that answered"],
  synthetic: ["user_agent.synthetic.type", "text", "`test`: the email comes from `deno task load`"],
  recipientDomain: [
    "recipient.domain",
    "text",
    "domain of the recipient, once the document is known to be valid",
  ],
  urlPath: ["url.path", "text", "path of the request"],
  urlScheme: ["url.scheme", "text", "`http` or `https`"],
  urlFull: ["url.full", "text", "address of the request"],
  brokerAddress: ["broker.address", "text", "host of the broker"],
  brokerService: ["broker.service", "text", "`rabbitmq`"],
  brokerPort: ["broker.port", "integer", "port of the broker"],
  amqpExchange: [
    "amqp.exchange",
    "text",
    "exchange; empty for the default one, which routes by queue name",
  ],
  amqpRoutingKey: ["amqp.routing_key", "text", "routing key"],
  messagingSystem: ["messaging.system", "text", "`rabbitmq`"],
  messagingDestinationName: [
    "messaging.destination.name",
    "text",
    "`{exchange}:{routing key}`, for a consumer with `:{queue}`",
  ],
  messagingOperationName: ["messaging.operation.name", "text", "`publish` or `process`"],
  messagingOperationType: ["messaging.operation.type", "text", "`send` or `process`"],
  messagingRoutingKey: ["messaging.rabbitmq.destination.routing_key", "text", "routing key"],
  messagingMessageId: ["messaging.message.id", "text", "id of the email"],
  correlationId: ["correlation_id", "text", "id of the email"],
  attempt: ["attempt", "integer", "which attempt to send the email, from 1"],
  maxAttempts: ["max_attempts", "integer", "after how many attempts the email is given up"],
  outcome: ["outcome", "text", "`delivered`, `retried`, `dead-lettered` or `requeued`"],
  traceThroughSmtp: [
    "trace_through_smtp",
    "text",
    "how the trace goes on in the mail: `link`, `join` or `off`",
  ],
  smtpServer: ["smtp.server", "text", "host of the mail server"],
  smtpPort: ["smtp.port", "integer", "port of the mail server"],
  smtpTls: ["smtp.tls", "boolean", "whether the connection is encrypted"],
  smtpPayloadSize: ["smtp.payload_size", "integer", "size of the mail in bytes"],
  smtpReplyCode: [
    "smtp.reply_code",
    "integer",
    "the mail server's last reply; none if it gave none",
  ],
  spanKind: ["span.kind", "text", "`periodic`"],
  messageCount: ["message_count", "integer", "messages found in the inbox"],
  storedCount: ["stored_count", "integer", "messages that are in the archive now"],
  failedCount: ["failed_count", "integer", "failures of this poll"],
  originTraceId: ["origin.trace_id", "hex", "the trace that brought the mail here"],
  originSpanId: ["origin.span_id", "hex", "its `emailer` span"],
  pollTraceId: ["poll.trace_id", "hex", "the trace of the poll"],
  dbType: ["db.type", "text", "`mongodb`"],
  dbInstance: ["db.instance", "text", "database and collection"],
  dbObjectId: ["db.object_id", "hex", "the document's id"],
  dbSystemName: ["db.system.name", "text", "`mongodb`"],
  dbNamespace: ["db.namespace", "text", "database"],
  dbCollectionName: ["db.collection.name", "text", "collection"],
  dbOperationName: ["db.operation.name", "text", "`update`"],
  errorType: [
    "error.type",
    "text",
    "class of the error: a status, a reply code or a kind of failure",
  ],
  error: ["error", "text", "what went wrong, in words; only where something did"],
  otelStatusCode: ["otel.status_code", "text", "`ERROR`, beside `error`"],
} as const satisfies Readonly<
  Record<string, readonly [name: string, type: TagType, meaning: string]>
>;

type Names = { readonly [Key in keyof typeof ROWS]: (typeof ROWS)[Key][0] };

/** The names of all attributes that a span can have. */
export const attribute = {
  ...Object.fromEntries(Object.entries(ROWS).map(([key, [name]]) => [key, name])) as Names,
  // No tags: the exporter makes the endpoints of a span from them.
  serviceName: "service.name",
  networkPeerAddress: "network.peer.address",
} as const;

/** The tags, by name. */
export const TAGS: Readonly<Record<string, { readonly type: TagType; readonly meaning: string }>> =
  Object.fromEntries(
    Object.values(ROWS).map(([name, type, meaning]) => [name, { type, meaning }]),
  );

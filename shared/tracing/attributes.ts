/**
 * The names of all tags: those of the original beside OpenTelemetry's semantic conventions. One place, so that no piece
 * invents a second spelling.
 */
export const attribute = {
  // What the exporter makes the endpoints of a span from.
  serviceName: "service.name",
  peerService: "peer.service",

  // Common.
  errorType: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",
  peerHostname: "peer.hostname",
  peerPort: "peer.port",
  peerAddress: "peer.address",
  networkPeerAddress: "network.peer.address",
  networkProtocolName: "network.protocol.name",

  // HTTP; `http.method`, `http.url`, `http.status` and `http.status_code` are the original's.
  httpMethod: "http.method",
  httpUrl: "http.url",
  httpStatus: "http.status",
  httpStatusCode: "http.status_code",
  httpRequestMethod: "http.request.method",
  httpResponseStatusCode: "http.response.status_code",
  urlFull: "url.full",
  urlPath: "url.path",
  urlScheme: "url.scheme",
  httpRoute: "http.route",

  synthetic: "user_agent.synthetic.type",

  // AMQP.
  brokerAddress: "broker.address",
  brokerService: "broker.service",
  brokerPort: "broker.port",
  amqpExchange: "amqp.exchange",
  amqpRoutingKey: "amqp.routing_key",
  correlationId: "correlation_id",
  messagingSystem: "messaging.system",
  messagingDestinationName: "messaging.destination.name",
  messagingOperationName: "messaging.operation.name",
  messagingOperationType: "messaging.operation.type",
  messagingRoutingKey: "messaging.rabbitmq.destination.routing_key",
  messagingMessageId: "messaging.message.id",

  // The email on its way.
  attempt: "attempt",
  maxAttempts: "max_attempts",
  outcome: "outcome",
  recipientDomain: "recipient.domain",
  traceThroughSmtp: "trace_through_smtp",

  // SMTP, which has no semantic conventions.
  smtpServer: "smtp.server",
  smtpPort: "smtp.port",
  smtpTls: "smtp.tls",
  smtpPayloadSize: "smtp.payload_size",
  smtpReplyCode: "smtp.reply_code",

  // The poll.
  spanKind: "span.kind",
  messageCount: "message_count",
  storedCount: "stored_count",
  failedCount: "failed_count",
  originTraceId: "origin.trace_id",
  originSpanId: "origin.span_id",
  pollTraceId: "poll.trace_id",

  // MongoDB.
  dbType: "db.type",
  dbInstance: "db.instance",
  dbObjectId: "db.object_id",
  dbSystemName: "db.system.name",
  dbNamespace: "db.namespace",
  dbCollectionName: "db.collection.name",
  dbOperationName: "db.operation.name",
} as const;

/** Where a message goes, or came from. */
interface Destination {
  /** Empty for the default exchange. */
  readonly exchange: string;
  readonly routingKey: string;
  /** The queue that a consumer got it from; a publisher knows none. */
  readonly queue?: string;
}

/**
 * A destination as OpenTelemetry names it for RabbitMQ: `rpc:send.email`, for a consumer `rpc:send.email:send-email`. What is empty is
 * left out, and a queue that its routing key names already (https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/).
 */
export function destinationName({ exchange, routingKey, queue = "" }: Destination): string {
  const parts = [exchange, routingKey, queue === routingKey ? "" : queue];
  return parts.filter((part) => part !== "").join(":") || "amq.default";
}

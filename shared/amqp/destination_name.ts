/** A message's destination or source. */
interface Destination {
  /** Empty for the default exchange. */
  readonly exchange: string;
  readonly routingKey: string;
  /** A consumer's queue; absent for a publisher. */
  readonly queue?: string;
}

/**
 * A destination as OpenTelemetry names it for RabbitMQ: `rpc:send.email`, for a consumer `rpc:send.email:send-email`. Empty parts
 * are left out, and so is a queue with the routing key's name (https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/).
 */
export function destinationName({ exchange, routingKey, queue = "" }: Destination): string {
  const parts = [exchange, routingKey, queue === routingKey ? "" : queue];
  return parts.filter((part) => part !== "").join(":") || "amq.default";
}

import { context, SpanKind } from "@opentelemetry/api";
import { attribute } from "../tracing/attributes.ts";
import { traceHeaders } from "../tracing/propagation.ts";
import { markFailed, type Tags, type Tracing } from "../tracing/tracing.ts";
import type { BrokerNode } from "./connection.ts";
import { destinationName, header } from "./message.ts";
import type { Publication, Publisher, PublishOutcome } from "./publisher.ts";

/** The broker's service name in a trace. */
export const BROKER_SERVICE = "rabbitmq";

interface TracedPublisherOptions {
  readonly tracing: Tracing;
  /** The span's name: `amqp-publish`, or `amqp-retry` for a message that waits. */
  readonly spanName: string;
  readonly node: () => BrokerNode;
}

/**
 * Wraps a publisher so that each publish is a span, up to the broker's confirm: the producer's half of `amqp-publish`. The
 * message carries the span's context and the time, so that its consumer can report the broker's half.
 */
export function tracedPublisher(publisher: Publisher, options: TracedPublisherOptions): Publisher {
  const { tracing, spanName, node } = options;
  return {
    publish: (publication) =>
      tracing.inSpan(
        spanName,
        { kind: SpanKind.PRODUCER, attributes: () => publishAttributes(publication, node()) },
        async (span) => {
          const outcome = await publisher.publish(withTrace(publication, tracing));
          if (outcome.status !== "confirmed") {
            markFailed(span, { reason: describeOutcome(outcome), type: outcome.status });
          }
          return outcome;
        },
      ),
  };
}

/** An outcome in words, for a span, a log or a caller. */
export function describeOutcome(outcome: PublishOutcome): string {
  switch (outcome.status) {
    case "confirmed":
      return "the broker confirmed the message";
    case "returned":
      return "the broker returned the message: no queue is bound";
    case "rejected":
      return "the broker rejected the message";
    case "unconfirmed":
      return `the broker did not confirm the message within ${outcome.timeoutMs} ms`;
    case "blocked":
      return `the broker takes no messages for now: ${outcome.reason}`;
    case "disconnected":
      return `the broker cannot be reached: ${outcome.reason}`;
  }
}

/** The tags of both halves of a publish: the original's, and OpenTelemetry's for RabbitMQ. */
export function publishAttributes(
  { exchange, routingKey, options }: Pick<Publication, "exchange" | "routingKey" | "options">,
  { hostname, port }: BrokerNode,
): Tags {
  return {
    [attribute.peerService]: BROKER_SERVICE,
    [attribute.brokerService]: BROKER_SERVICE,
    [attribute.brokerAddress]: hostname,
    [attribute.brokerPort]: port,
    [attribute.amqpExchange]: exchange,
    [attribute.amqpRoutingKey]: routingKey,
    [attribute.messagingSystem]: "rabbitmq",
    [attribute.messagingDestinationName]: destinationName({ exchange, routingKey }),
    [attribute.messagingOperationName]: "publish",
    [attribute.messagingOperationType]: "send",
    [attribute.messagingRoutingKey]: routingKey,
    [attribute.messagingMessageId]: options.messageId,
    [attribute.serverAddress]: hostname,
    [attribute.serverPort]: port,
  };
}

function withTrace(publication: Publication, tracing: Tracing): Publication {
  const headers = {
    ...publication.options.headers,
    ...traceHeaders(context.active()),
    [header.publishedAt]: String(tracing.nowMicroseconds()),
  };
  return { ...publication, options: { ...publication.options, headers } };
}

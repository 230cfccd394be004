import { type Context, type SpanContext, SpanKind, trace } from "@opentelemetry/api";
import { getLogger } from "@logtape/logtape";
import type { ConsumeMessage } from "amqplib";
import {
  BROKER_SERVICE,
  type BrokerNode,
  destinationName,
  header,
  messageHeaders,
  publishAttributes,
  QUEUE,
} from "@playground/shared/amqp";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import {
  attribute,
  extractContext,
  type HeaderReader,
  linkedTraceContext,
  linkTo,
  markFailed,
  setTags,
  type Tags,
  type Tracing,
  withCallerDecision,
} from "@playground/shared/tracing";
import type { Deliver } from "./deliver.ts";
import { attemptOf, readQueuedMessage } from "./queued_email.ts";
import type { Disposition } from "./republish.ts";

interface ReceiveOptions {
  readonly tracing: Tracing;
  /** The node that the messages come from. */
  readonly node: () => BrokerNode;
  readonly deliver: Deliver;
  /** Shown in the span, so that its reader knows what to expect. */
  readonly traceThroughSmtp: TraceThroughSmtp;
  /** Whether each further attempt is a trace of its own, linked to the one before. */
  readonly linksRetries: boolean;
  readonly maxAttempts: number;
}

/** Handles one delivery from beginning to end; the signal aborts when the broker redelivers it. */
export type Receive = (message: ConsumeMessage, signal: AbortSignal) => Promise<Disposition>;

/** Handles deliveries within their traces: reports the broker's half of the publish, and the `emailer` span. */
export function createReceiver(options: ReceiveOptions): Receive {
  const { tracing, deliver, linksRetries } = options;
  const logger = getLogger(["emailer"]);
  return async (message, signal) => {
    const headers = messageHeaders(message);
    const publisher = extractContext(headers);
    const attempt = attemptOf(headers);
    const receivedAtMicroseconds = tracing.nowMicroseconds();
    // A message that an emailer requeued has the same attempt.
    const isRetry = attempt > 1 || publisherName(message.properties.appId) === "emailer";
    const origin = linksRetries && isRetry ? trace.getSpanContext(publisher) : undefined;
    const link = origin && linkTo(origin);
    return await tracing.inSpan("emailer", {
      kind: SpanKind.SERVER,
      parent: link === undefined ? publisher : linkedTraceContext(publisher),
      links: link?.links,
      attributes: () => ({ ...processAttributes(message, attempt, options), ...link?.attributes }),
      startMicroseconds: receivedAtMicroseconds,
    }, async (span) => {
      if (span.isRecording()) {
        const next = link && span.spanContext();
        recordBrokersHalf(
          { message, headers, publisher, isRetry, next, receivedAtMicroseconds },
          options,
        );
      }
      const email = await readQueuedMessage(message);
      const { emailId } = email;
      setTags(span, {
        [attribute.correlationId]: emailId,
        [attribute.messagingMessageId]: emailId,
      });
      const disposition = await deliver(email, signal);
      span.setAttribute(attribute.outcome, disposition.outcome);
      if (disposition.outcome === "delivered") {
        logger.info("Delivered email {emailId} at attempt {attempt}", { emailId, attempt });
      } else {
        markFailed(span, { reason: disposition.reason, type: disposition.outcome });
        logger.warn("Email {emailId} is {outcome} at attempt {attempt}: {reason}", {
          emailId,
          attempt,
          ...disposition,
        });
      }
      return disposition;
    });
  };
}

function processAttributes(
  { fields: { exchange, routingKey, deliveryTag } }: ConsumeMessage,
  attempt: number,
  { node, maxAttempts, traceThroughSmtp }: ReceiveOptions,
): Tags {
  const { hostname, port } = node();
  return {
    [attribute.amqpExchange]: exchange,
    [attribute.amqpRoutingKey]: routingKey,
    [attribute.messagingSystem]: "rabbitmq",
    [attribute.messagingDestinationName]: destinationName({ exchange, routingKey, queue: QUEUE }),
    [attribute.messagingOperationName]: "process",
    [attribute.messagingOperationType]: "process",
    [attribute.messagingRoutingKey]: routingKey,
    [attribute.messagingDeliveryTag]: deliveryTag,
    [attribute.serverAddress]: hostname,
    [attribute.serverPort]: port,
    [attribute.attempt]: attempt,
    [attribute.maxAttempts]: maxAttempts,
    [attribute.traceThroughSmtp]: traceThroughSmtp,
  };
}

interface Receipt {
  readonly message: ConsumeMessage;
  readonly headers: HeaderReader;
  readonly publisher: Context;
  readonly isRetry: boolean;
  /** The span of another trace that continues this one. */
  readonly next: SpanContext | undefined;
  readonly receivedAtMicroseconds: number;
}

/**
 * The consumer's half of `amqp-publish`, under the id of the producer's half: it lasts from the publish to the receipt, so that
 * the row shows the time in the queue. The broker cannot report it; the consumer does, on the broker's behalf.
 */
function recordBrokersHalf(receipt: Receipt, { tracing, node }: ReceiveOptions): void {
  const { message, headers, publisher, isRetry, next, receivedAtMicroseconds } = receipt;
  const spanContext = trace.getSpanContext(publisher);
  if (spanContext === undefined) return;
  const { exchange, routingKey } = message.fields;
  const { messageId, appId } = message.properties;
  tracing.record(isRetry ? "amqp-retry" : "amqp-publish", {
    kind: SpanKind.CONSUMER,
    parent: parentOf(publisher, spanContext, headers("x-b3-parentspanid")),
    ids: { traceId: spanContext.traceId, spanId: spanContext.spanId },
    startMicroseconds: publishedAtMicroseconds(receipt),
    endMicroseconds: receivedAtMicroseconds,
    links: next && [{ context: next }],
    attributes: {
      ...publishAttributes({ exchange, routingKey, options: { messageId } }, node()),
      [attribute.serviceName]: BROKER_SERVICE,
      [attribute.peerService]: publisherName(appId),
      [attribute.retryTraceId]: next?.traceId,
    },
  });
}

/** No message waits longer; an earlier publish time is ignored. */
const MAX_WAIT_MICROSECONDS = 366 * 24 * 60 * 60 * 1_000_000;

/** A foreign publisher gives no time. Even if the publisher's clock is ahead of ours, the span must not end before it starts. */
function publishedAtMicroseconds({ headers, receivedAtMicroseconds }: Receipt): number {
  const publishedAt = Number(headers(header.publishedAt));
  const waited = receivedAtMicroseconds - publishedAt;
  return waited > 0 && waited < MAX_WAIT_MICROSECONDS ? publishedAt : receivedAtMicroseconds;
}

const SPAN_ID = /^[0-9a-f]{16}$/;

/** The context of the publish. It is sampled, as the trace is. */
function parentOf(publisher: Context, spanContext: SpanContext, parentSpanId = ""): Context {
  const parent = SPAN_ID.test(parentSpanId)
    ? trace.setSpanContext(publisher, { ...spanContext, spanId: parentSpanId })
    : trace.deleteSpan(publisher);
  return withCallerDecision(parent, "sampled");
}

const APP_NAME = /^[a-z0-9-]{1,64}$/;

/** The name in `message-server/1.2.3`; the original server's `messageserver` is the message server as well. */
function publisherName(appId: unknown): string {
  const [name = ""] = typeof appId === "string" ? appId.split("/", 1) : [];
  return APP_NAME.test(name) && name !== "messageserver" ? name : "message-server";
}

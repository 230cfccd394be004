import { trace } from "@opentelemetry/api";
import { emailIdOf, header, messageHeaders } from "@playground/shared/amqp";
import { type EmailDocument, parseEmailDocument } from "@playground/shared/email";
import { extractContext } from "@playground/shared/tracing";
import type { Message } from "amqplib";
import { z } from "zod";

/** An email that could not be sent. */
export type DeadLetter = Readonly<Awaited<ReturnType<typeof readDeadLetter>>>;

/** RabbitMQ's delivery count of a quorum queue (https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling). */
const DELIVERY_COUNT = "x-delivery-count";

const attemptSchema = z.coerce.number().int().positive().catch(1);
const dateSchema = z.coerce.date().optional().catch(undefined);
const secondsSchema = z.number().transform((seconds) => new Date(seconds * 1000)).pipe(z.date())
  .optional().catch(undefined);

/** RabbitMQ's own record, newest first (https://www.rabbitmq.com/docs/dlx#effects). */
const deathsSchema = z.array(z.object({
  reason: z.string(),
  queue: z.string(),
  time: z.object({ value: secondsSchema }).optional(),
}));

/** Reads a dead letter: the reason is in the emailer's headers or, where RabbitMQ gave up after 20 deliveries, in `x-death`. */
export async function readDeadLetter(message: Message) {
  const { content, properties } = message;
  const read = messageHeaders(message);
  const [death] = deathsSchema.safeParse(properties.headers?.["x-death"]).data ?? [];
  // It changes with each look.
  const { [DELIVERY_COUNT]: _, ...headers }: Readonly<Record<string, unknown>> =
    properties.headers ?? {};
  return {
    id: await emailIdOf(message),
    messageId: read(header.messageId),
    acceptedAt: secondsSchema.parse(properties.timestamp),
    deadAt: dateSchema.parse(read(header.deadAt)) ?? death?.time?.value,
    attempts: attemptSchema.parse(read(header.attempt)),
    reason: read(header.deadReason) ??
      (death === undefined
        ? "unknown: no header says why"
        : `${death.reason}: RabbitMQ took it out of the queue ${death.queue}`),
    lastReply: read(header.lastReply),
    traceId: trace.getSpanContext(extractContext(read))?.traceId,
    sizeBytes: content.length,
    headers,
  };
}

/** The email in a message; `undefined` where the message holds none. */
export function documentIn(content: Uint8Array): EmailDocument | undefined {
  try {
    const parsed = parseEmailDocument(JSON.parse(new TextDecoder().decode(content)));
    return parsed.ok ? parsed.document : undefined;
  } catch {
    return undefined; // It is not even JSON.
  }
}

import { trace } from "@opentelemetry/api";
import { header, messageHeaders } from "@playground/shared/amqp";
import { type EmailDocument, parseEmailDocument, uuidOf } from "@playground/shared/email";
import { extractContext } from "@playground/shared/tracing";
import type { Message } from "amqplib";
import { z } from "zod";

/** An email that could not be sent. */
export interface DeadLetter {
  readonly id: string;
  readonly messageId: string | undefined;
  readonly acceptedAt: Date | undefined;
  readonly deadAt: Date | undefined;
  readonly attempts: number;
  readonly reason: string;
  readonly lastReply: string | undefined;
  readonly traceId: string | undefined;
  readonly sizeBytes: number;
  /** The headers but the broker's count of deliveries, which changes when one looks. */
  readonly headers: Readonly<Record<string, unknown>>;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How RabbitMQ counts the deliveries of a quorum queue (https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling). */
const DELIVERY_COUNT = "x-delivery-count";

const attemptSchema = z.coerce.number().int().positive().catch(1);
const dateSchema = z.coerce.date().optional().catch(undefined);
const secondsSchema = z.number().transform((seconds) => new Date(seconds * 1000)).pipe(z.date())
  .optional().catch(undefined);

/** What RabbitMQ itself notes, newest first (https://www.rabbitmq.com/docs/dlx#effects). */
const deathsSchema = z.array(z.object({
  reason: z.string(),
  queue: z.string(),
  time: z.object({ value: secondsSchema }).optional(),
}));

/** Reads a dead letter: the emailer's headers say why it is one or, where RabbitMQ gave up after 20 deliveries, `x-death`. */
export async function readDeadLetter(message: Message): Promise<DeadLetter> {
  const { content, properties } = message;
  const read = messageHeaders(message);
  const [death] = deathsSchema.safeParse(properties.headers?.["x-death"]).data ?? [];
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

/** A message of another publisher may have no id; like the emailer, this makes one of its content. */
export async function emailIdOf({ content, properties }: Message): Promise<string> {
  const id = String(properties.messageId ?? "");
  return UUID.test(id) ? id.toLowerCase() : await uuidOf(new TextDecoder().decode(content));
}

/** The email that a message carries; `undefined` where it is none. */
export function documentIn(content: Uint8Array): EmailDocument | undefined {
  try {
    const parsed = parseEmailDocument(JSON.parse(new TextDecoder().decode(content)));
    return parsed.ok ? parsed.document : undefined;
  } catch {
    return undefined; // It is not even JSON.
  }
}

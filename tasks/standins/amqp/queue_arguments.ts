import { z } from "zod";
import { AmqpError, assertNoSystemName, notImplemented } from "./amqp_error.ts";
import type { ClientMethods, FieldTable, FieldValue } from "./methods.ts";

const count = z.int("a whole number is expected").min(0).max(2 ** 32 - 1).optional();
const text = z.string().optional();

/** The arguments that a queue may have (https://www.rabbitmq.com/docs/queues#optional-arguments). */
const ARGUMENTS = z.strictObject({
  "x-queue-type": z.literal("quorum"),
  "x-message-ttl": count,
  "x-max-length": count,
  "x-overflow": z.literal("reject-publish").optional(),
  "x-dead-letter-exchange": text,
  "x-dead-letter-routing-key": text,
  "x-dead-letter-strategy": z.enum(["at-most-once", "at-least-once"]).optional(),
  "x-delivery-limit": count,
});

/**
 * Checks a queue's first declaration.
 *
 * @throws {AmqpError} 406 for what RabbitMQ refuses, 540 for what only RabbitMQ supports.
 */
export function checkDeclaration(
  { queue: name, durable, exclusive, arguments: table }: ClientMethods["QueueDeclare"],
): void {
  checkQueueType(name, table["x-queue-type"]);
  if (!durable || exclusive) {
    const property = durable ? "exclusive-owner" : "non-durable";
    throw new AmqpError(406, `invalid property '${property}' for queue '${name}' in vhost '/'`);
  }
  const issue = ARGUMENTS.safeParse(table).error?.issues[0];
  if (issue?.code === "unrecognized_keys") throw notImplemented(`queue argument ${issue.keys[0]}`);
  if (issue !== undefined) {
    const key = String(issue.path[0]);
    if (issue.code === "invalid_value") throw notImplemented(`${key}=${table[key]}`);
    throw invalid(name, key, `: ${issue.message}`);
  }
  const deadLetterExchange = table["x-dead-letter-exchange"];
  if (table["x-dead-letter-routing-key"] !== undefined && deadLetterExchange === undefined) {
    throw invalid(name, "x-dead-letter-routing-key", ": routing_key_but_no_dlx_defined");
  }
  if (typeof deadLetterExchange === "string") assertNoSystemName("exchange", deadLetterExchange);
  if (table["x-max-length"] !== undefined && table["x-overflow"] === undefined) {
    throw notImplemented("x-overflow=drop-head, the default of x-max-length");
  }
}

/** The meaning of arguments checked by {@linkcode checkDeclaration}. A queue of an earlier version may have others: they mean nothing. */
export function queueSettings(table: FieldTable) {
  const checked: Partial<z.infer<typeof ARGUMENTS>> = ARGUMENTS.safeParse(table).data ?? {};
  const deadLetterExchange = checked["x-dead-letter-exchange"];
  return {
    messageTtlMs: checked["x-message-ttl"],
    /** How many messages may wait; beyond that a publish is refused. */
    maxLength: checked["x-max-length"],
    /** The exchange for dead messages; without it they are dropped. */
    deadLetterExchange,
    /** Their routing key; without it the message's own. */
    deadLetterRoutingKey: checked["x-dead-letter-routing-key"],
    /** Whether a dead message is kept until every target has it; not where the queue might drop its head, as in RabbitMQ. */
    isAtLeastOnce: checked["x-dead-letter-strategy"] === "at-least-once" &&
      checked["x-overflow"] === "reject-publish" && deadLetterExchange !== undefined,
    /** How often a message may be requeued before it is dead. */
    deliveryLimit: checked["x-delivery-limit"],
  };
}

/**
 * Checks that a declaration repeats the first one.
 *
 * @throws {AmqpError} 406 with the first difference.
 */
export function assertSameDeclaration(
  { queue: name, durable, exclusive, arguments: received }: ClientMethods["QueueDeclare"],
  current: FieldTable,
): void {
  if (exclusive) throw notImplemented("exclusive queues");
  if (!durable) throw inequivalent(name, "durable", "'false'", "'true'");
  for (const key of new Set(["x-queue-type", ...Object.keys(current), ...Object.keys(received)])) {
    const [ours, theirs] = [current[key], received[key]];
    if (ours !== theirs) throw inequivalent(name, key, shown(theirs), shown(ours));
  }
}

function checkQueueType(name: string, value: FieldValue | undefined): void {
  if (value === "quorum") return;
  if (value === undefined || value === "classic") throw notImplemented("classic queues");
  if (value === "stream") throw notImplemented("streams");
  throw invalid(name, "x-queue-type", `: "unsupported queue type '${value}'"`);
}

function invalid(name: string, key: string, rest: string): AmqpError {
  return new AmqpError(406, `invalid arg '${key}' for queue '${name}' in vhost '/'${rest}`);
}

function inequivalent(name: string, key: string, received: string, current: string): AmqpError {
  const difference = `received ${received} but current is ${current}`;
  const detail = `inequivalent arg '${key}' for queue '${name}' in vhost '/': ${difference}`;
  return new AmqpError(406, detail);
}

function shown(value: FieldValue | undefined): string {
  return value === undefined ? "none" : `'${value}'`;
}

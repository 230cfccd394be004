import { AmqpError, assertNoSystemName, notImplemented } from "./amqp_error.ts";
import type { ClientMethods, FieldTable, FieldValue } from "./methods.ts";

/** What each argument may be: a number, any text, or one of these texts. */
const RULES: Readonly<Record<string, "count" | "text" | readonly string[]>> = {
  "x-message-ttl": "count",
  "x-max-length": "count",
  "x-overflow": ["reject-publish"],
  "x-dead-letter-exchange": "text",
  "x-dead-letter-routing-key": "text",
  "x-dead-letter-strategy": ["at-most-once", "at-least-once"],
  "x-delivery-limit": "count",
};

/** The largest number that RabbitMQ takes for a time to live. */
const COUNT_MAX = 2 ** 32 - 1;

/**
 * Checks a queue's first declaration.
 *
 * @throws {AmqpError} 406 for what RabbitMQ refuses, 540 for what only RabbitMQ has.
 */
export function checkDeclaration(
  { queue: name, durable, exclusive, arguments: table }: ClientMethods["QueueDeclare"],
): void {
  checkQueueType(name, table["x-queue-type"]);
  if (!durable || exclusive) {
    const property = durable ? "exclusive-owner" : "non-durable";
    throw new AmqpError(406, `invalid property '${property}' for queue '${name}' in vhost '/'`);
  }
  for (const [key, value] of Object.entries(table)) {
    if (key === "x-queue-type" || value === undefined) continue;
    checkValue(name, key, value);
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

/**
 * What the arguments mean that {@linkcode checkDeclaration} has checked (https://www.rabbitmq.com/docs/queues#optional-arguments).
 */
export function queueSettings(table: FieldTable) {
  const deadLetterExchange = text(table["x-dead-letter-exchange"]);
  return {
    messageTtlMs: count(table["x-message-ttl"]),
    /** How many messages may wait; beyond that a publish is refused. */
    maxLength: count(table["x-max-length"]),
    /** Where dead messages go; without it they are dropped. */
    deadLetterExchange,
    /** Their routing key; without it the message's own. */
    deadLetterRoutingKey: text(table["x-dead-letter-routing-key"]),
    /** Whether a dead message is kept until every target has it; not where the queue might drop its head, as in RabbitMQ. */
    isAtLeastOnce: table["x-dead-letter-strategy"] === "at-least-once" &&
      table["x-overflow"] === "reject-publish" && deadLetterExchange !== undefined,
    /** How often a message may be given back before it is dead. */
    deliveryLimit: count(table["x-delivery-limit"]),
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
  if (!durable) throw inequivalent(name, "durable", "received 'false' but current is 'true'");
  for (const key of new Set(["x-queue-type", ...Object.keys(current), ...Object.keys(received)])) {
    const [ours, theirs] = [current[key], received[key]];
    if (ours === theirs) continue;
    const difference = theirs === undefined
      ? `received none but current is the value '${ours}' of type '${wireType(ours)}'`
      : ours === undefined
      ? `received the value '${theirs}' of type '${wireType(theirs)}' but current is none`
      : `received '${theirs}' but current is '${ours}'`;
    throw inequivalent(name, key, difference);
  }
}

function checkQueueType(name: string, value: FieldValue | undefined): void {
  if (value === "quorum") return;
  if (value === undefined || value === "classic") throw notImplemented("classic queues");
  if (value === "stream") throw notImplemented("streams");
  throw invalid(name, "x-queue-type", `: "unsupported queue type '${value}'"`);
}

function checkValue(name: string, key: string, value: FieldValue): void {
  const rule = RULES[key];
  if (rule === undefined) throw notImplemented(`queue argument ${key}`);
  if (rule === "count") {
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw invalid(name, key, `: "expected integer, got ${wireType(value)}"`);
    }
    if (value < 0) throw invalid(name, key, `: {value_negative,${value}}`);
    if (value > COUNT_MAX) throw invalid(name, key, `: {value_too_big,${value}}`);
  } else if (typeof value !== "string") {
    const type = wireType(value);
    const detail = `invalid type '${type}' for arg '${key}' in queue '${name}' in vhost '/'`;
    throw new AmqpError(406, detail);
  } else if (rule !== "text" && !rule.includes(value)) {
    throw notImplemented(`${key}=${value}`);
  }
}

function invalid(name: string, key: string, rest: string): AmqpError {
  return new AmqpError(406, `invalid arg '${key}' for queue '${name}' in vhost '/'${rest}`);
}

function inequivalent(name: string, key: string, difference: string): AmqpError {
  const detail = `inequivalent arg '${key}' for queue '${name}' in vhost '/': ${difference}`;
  return new AmqpError(406, detail);
}

/** RabbitMQ's name for the type that a client such as amqplib sends a value as. */
function wireType(value: FieldValue | undefined): string {
  if (typeof value === "string") return "longstr";
  if (typeof value === "boolean") return "bool";
  if (typeof value !== "number") return Array.isArray(value) ? "array" : "table";
  if (!Number.isInteger(value)) return "double";
  if (value >= -0x80 && value < 0x80) return "byte";
  if (value >= -0x8000 && value < 0x8000) return "short";
  return value >= -0x80000000 && value < 0x80000000 ? "signedint" : "long";
}

function text(value: FieldValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function count(value: FieldValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

import { Buffer } from "node:buffer";
import { AmqpError, assertNoSystemName, notImplemented } from "./amqp_error.ts";
import type { FieldTable, FieldValue } from "./methods.ts";

/** What the arguments of a queue's declaration mean (https://www.rabbitmq.com/docs/queues#optional-arguments). */
export interface QueueSettings {
  /** Quorum queues count deliveries and store every message. */
  readonly isQuorum: boolean;
  readonly messageTtlMs: number | undefined;
  /** How many messages may wait; beyond that a publish is refused. */
  readonly maxLength: number | undefined;
  /** Where dead messages go; without it they are dropped. */
  readonly deadLetterExchange: string | undefined;
  /** Their routing key; without it the message's own. */
  readonly deadLetterRoutingKey: string | undefined;
  /** Whether a dead message is kept until every target has it. */
  readonly isAtLeastOnce: boolean;
  /** How often a message may be given back before it is dead. */
  readonly deliveryLimit: number | undefined;
}

type QueueType = "classic" | "quorum";

interface ArgumentRule {
  readonly kind: "count" | "text";
  readonly allowed?: { readonly values: readonly string[]; readonly otherwise: string };
  readonly onlyFor?: QueueType;
}

const RULES: Readonly<Record<string, ArgumentRule>> = {
  "x-message-ttl": { kind: "count" },
  "x-max-length": { kind: "count" },
  "x-overflow": {
    kind: "text",
    allowed: { values: ["drop-head", "reject-publish"], otherwise: "invalid_overflow" },
  },
  "x-dead-letter-exchange": { kind: "text" },
  "x-dead-letter-routing-key": { kind: "text" },
  "x-dead-letter-strategy": {
    kind: "text",
    allowed: { values: ["at-most-once", "at-least-once"], otherwise: "invalid_dlx_strategy" },
    onlyFor: "quorum",
  },
  "x-delivery-limit": { kind: "count", onlyFor: "quorum" },
};

/** Arguments that change what RabbitMQ does. Any other unknown argument is ignored, as RabbitMQ does. */
const REFUSED: readonly string[] = [
  "x-queue-mode",
  "x-quorum-initial-group-size",
  "x-expires",
  "x-max-priority",
  "x-max-length-bytes",
  "x-max-in-memory-length",
  "x-max-in-memory-bytes",
  "x-single-active-consumer",
];

/** The largest number that RabbitMQ takes for a time to live. */
const COUNT_MAX = 2 ** 32 - 1;

/**
 * Reads the arguments of a queue's declaration.
 *
 * @throws {AmqpError} 406 for values that RabbitMQ refuses, 540 for features that only RabbitMQ has.
 */
export function parseQueueArguments(name: string, table: FieldTable): QueueSettings {
  const type = queueType(name, table["x-queue-type"]);
  for (const [key, value] of Object.entries(table)) {
    if (REFUSED.includes(key)) throw notImplemented(`queue argument ${key}`);
    const rule = RULES[key];
    if (rule !== undefined && value !== undefined) checkValue(name, type, key, rule, value);
  }
  const deadLetterExchange = text(table["x-dead-letter-exchange"]);
  const deadLetterRoutingKey = text(table["x-dead-letter-routing-key"]);
  if (deadLetterRoutingKey !== undefined && deadLetterExchange === undefined) {
    throw invalid(name, "x-dead-letter-routing-key", ": routing_key_but_no_dlx_defined");
  }
  if (deadLetterExchange !== undefined) assertNoSystemName("exchange", deadLetterExchange);
  const rejectsPublish = table["x-overflow"] === "reject-publish";
  if (
    table["x-overflow"] === "drop-head" || (table["x-max-length"] !== undefined && !rejectsPublish)
  ) {
    throw notImplemented("x-overflow=drop-head, the default of x-max-length");
  }
  return {
    isQuorum: type === "quorum",
    messageTtlMs: count(table["x-message-ttl"]),
    maxLength: count(table["x-max-length"]),
    deadLetterExchange,
    deadLetterRoutingKey,
    // RabbitMQ falls back to at-most-once where the queue might drop its head.
    isAtLeastOnce: table["x-dead-letter-strategy"] === "at-least-once" && rejectsPublish &&
      deadLetterExchange !== undefined,
    deliveryLimit: count(table["x-delivery-limit"]),
  };
}

/**
 * Checks that a declaration repeats the arguments of the first one. Unknown arguments do not count.
 *
 * @throws {AmqpError} 406 with the first difference.
 */
export function assertSameArguments(name: string, received: FieldTable, current: FieldTable): void {
  for (const key of ["x-queue-type", ...Object.keys(RULES)]) {
    const ours = comparable(key, current[key]);
    const theirs = comparable(key, received[key]);
    if (ours === theirs) continue;
    const difference = theirs === undefined
      ? `received none but current is the value '${ours}' of type '${wireType(ours)}'`
      : ours === undefined
      ? `received the value '${theirs}' of type '${wireType(theirs)}' but current is none`
      : `received '${theirs}' but current is '${ours}'`;
    throw new AmqpError(
      406,
      `inequivalent arg '${key}' for queue '${name}' in vhost '/': ${difference}`,
    );
  }
}

function queueType(name: string, value: FieldValue | undefined): QueueType {
  if (value === undefined) return "classic";
  if (value === "stream") throw notImplemented("streams");
  if (value === "classic" || value === "quorum") return value;
  throw invalid(name, "x-queue-type", `: "unsupported queue type '${value}'"`);
}

function checkValue(
  name: string,
  type: QueueType,
  key: string,
  rule: ArgumentRule,
  value: FieldValue,
): void {
  if (rule.onlyFor !== undefined && rule.onlyFor !== type) {
    throw invalid(name, key, ` of queue type rabbit_${type}_queue`);
  }
  if (rule.kind === "count") {
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw invalid(name, key, `: "expected integer, got ${wireType(value)}"`);
    }
    if (value < 0) throw invalid(name, key, `: {value_negative,${value}}`);
    if (value > COUNT_MAX) throw invalid(name, key, `: {value_too_big,${value}}`);
  } else if (typeof value !== "string") {
    throw new AmqpError(
      406,
      `invalid type '${wireType(value)}' for arg '${key}' in queue '${name}' in vhost '/'`,
    );
  } else if (value === "reject-publish-dlx") {
    throw notImplemented("x-overflow=reject-publish-dlx");
  } else if (rule.allowed !== undefined && !rule.allowed.values.includes(value)) {
    throw invalid(name, key, `: ${rule.allowed.otherwise}`);
  }
}

function invalid(name: string, key: string, rest: string): AmqpError {
  return new AmqpError(406, `invalid arg '${key}' for queue '${name}' in vhost '/'${rest}`);
}

/** A classic queue need not say that it is one. */
function comparable(key: string, value: FieldValue | undefined): FieldValue | undefined {
  return key === "x-queue-type" && value === "classic" ? undefined : value;
}

/** RabbitMQ's name for the type that a client such as amqplib sends a value as. */
function wireType(value: FieldValue | undefined): string {
  switch (typeof value) {
    case "string":
      return "longstr";
    case "boolean":
      return "bool";
    case "number":
      if (!Number.isInteger(value)) return "double";
      if (value >= -0x80 && value < 0x80) return "byte";
      if (value >= -0x8000 && value < 0x8000) return "short";
      return value >= -0x80000000 && value < 0x80000000 ? "signedint" : "long";
    default:
      if (value === null || value === undefined) return "void";
      return Array.isArray(value) ? "array" : Buffer.isBuffer(value) ? "binary" : "table";
  }
}

function text(value: FieldValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function count(value: FieldValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

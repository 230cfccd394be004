import { Buffer } from "node:buffer";
import { AmqpError, notImplemented, resourceLocked } from "./amqp_error.ts";
import type { ExchangeType } from "./exchange.ts";
import type { Queue, QueueOptions } from "./queue.ts";
import { assertSameArguments } from "./queue_arguments.ts";

/**
 * Checks that a name is not one of those that begin with `amq.`, which the broker keeps for itself.
 *
 * @throws {AmqpError} 403 when it is.
 */
export function assertNotReserved(kind: "queue" | "exchange", name: string): void {
  if (!name.startsWith("amq.")) return;
  throw new AmqpError(403, `${kind} name '${name}' contains reserved prefix 'amq.*'`);
}

/**
 * Checks that a second declaration says the same as the first one.
 *
 * @throws {AmqpError} 406 when it does not.
 */
export function assertSame(
  kind: "queue" | "exchange",
  name: string,
  property: string,
  received: string | boolean,
  current: string | boolean,
): void {
  if (received === current) return;
  throw new AmqpError(
    406,
    `inequivalent arg '${property}' for ${kind} '${name}' in vhost '/': ` +
      `received '${received}' but current is '${current}'`,
  );
}

/**
 * Checks that a second declaration of a queue says the same as the first one.
 *
 * @throws {AmqpError} 405 or 406 when it does not.
 */
export function assertSameQueue(received: QueueOptions, current: QueueOptions): void {
  const { name } = current;
  if (received.owner !== current.owner) throw resourceLocked(name);
  assertSame("queue", name, "durable", received.isDurable, current.isDurable);
  assertSame("queue", name, "auto_delete", received.isAutoDelete, current.isAutoDelete);
  assertSameArguments(name, received.arguments, current.arguments);
}

/**
 * Checks that a connection may use a queue.
 *
 * @throws {AmqpError} 405 when the queue is exclusive to another one.
 */
export function assertUsableBy(queue: Queue, connection: object): void {
  const { name, owner } = queue.options;
  if (owner !== undefined && owner !== connection) throw resourceLocked(name);
}

/**
 * Checks that a quorum queue is declared as one can be: durable, shared, and not deleted by itself.
 *
 * @throws {AmqpError} 406 when it is not.
 */
export function assertQuorumOptions(queue: Queue): void {
  if (!queue.settings.isQuorum) return;
  const { name, isDurable, isAutoDelete, owner } = queue.options;
  const wrong = !isDurable
    ? "non-durable"
    : isAutoDelete
    ? "auto-delete"
    : owner !== undefined
    ? "exclusive-owner"
    : undefined;
  if (wrong === undefined) return;
  throw new AmqpError(406, `invalid property '${wrong}' for queue '${name}' in vhost '/'`);
}

/**
 * Reads an exchange's type.
 *
 * @throws {AmqpError} 540 for a type that only RabbitMQ has, 503 for one that does not exist.
 */
export function parseExchangeType(type: string): ExchangeType {
  if (type === "direct" || type === "fanout" || type === "topic") return type;
  if (type === "headers") throw notImplemented("headers exchanges");
  throw new AmqpError(503, `unknown exchange type '${type}'`);
}

/** Makes up a name that nothing else has. */
export function generateName(prefix: string): string {
  return prefix + Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
}

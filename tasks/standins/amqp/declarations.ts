import { Buffer } from "node:buffer";
import { AmqpError, notImplemented, resourceLocked } from "./amqp_error.ts";
import type { Queue, QueueOptions } from "./queue.ts";
import { assertSameArguments } from "./queue_arguments.ts";

type Kind = "queue" | "exchange";

/** What RabbitMQ has by itself: the exchanges of AMQP 0-9-1 (section 3.1.3) and its own extensions. */
const SYSTEM_NAME = /^amq\.(?:direct|fanout|topic|headers|match|rabbitmq\..*)$/;

/** Checks that a name is not one of those that begin with `amq.`, which the broker keeps for itself. */
export function assertNotReserved(kind: Kind, name: string): void {
  if (SYSTEM_NAME.test(name)) throw notImplemented(`${kind} '${name}'`);
  if (!name.startsWith("amq.")) return;
  throw new AmqpError(403, `${kind} name '${name}' contains reserved prefix 'amq.*'`);
}

/** Checks that a second declaration says the same as the first one. */
export function assertSame(
  kind: Kind,
  name: string,
  property: string,
  received: boolean,
  current: boolean,
): void {
  if (received === current) return;
  throw new AmqpError(
    406,
    `inequivalent arg '${property}' for ${kind} '${name}' in vhost '/': ` +
      `received '${received}' but current is '${current}'`,
  );
}

/** Checks that a second declaration of a queue says the same as the first one. */
export function assertSameQueue(received: QueueOptions, current: QueueOptions): void {
  const { name } = current;
  if (received.owner !== current.owner) throw resourceLocked(name);
  assertSame("queue", name, "durable", received.isDurable, current.isDurable);
  assertSameArguments(name, received.arguments, current.arguments);
}

/** Checks that a connection may use a queue. */
export function assertUsableBy(queue: Queue, connection: object): void {
  const { name, owner } = queue.options;
  if (owner !== undefined && owner !== connection) throw resourceLocked(name);
}

/** Checks that a quorum queue is declared as one can be: durable and shared. */
export function assertQuorumOptions({ settings, options }: Queue): void {
  if (!settings.isQuorum || (options.isDurable && options.owner === undefined)) return;
  const wrong = options.isDurable ? "exclusive-owner" : "non-durable";
  throw new AmqpError(406, `invalid property '${wrong}' for queue '${options.name}' in vhost '/'`);
}

/** Checks an exchange's type. */
export function assertTopicExchange(type: string): void {
  if (type === "topic") return;
  if (["direct", "fanout", "headers"].includes(type)) throw notImplemented(`${type} exchanges`);
  throw new AmqpError(503, `unknown exchange type '${type}'`);
}

/** Makes up a name that nothing else has. */
export function generateName(prefix: string): string {
  return prefix + Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
}

import untypedDefinitions from "amqplib-codec/lib/defs.js";
import type { ClientMethod, Closing } from "./methods.ts";

/** By code, such as `NOT-FOUND`. */
const REPLY_NAMES: Readonly<Record<number, string>> = untypedDefinitions.constant_strs;

/** The codes that leave the connection usable: only the channel is closed. */
const CHANNEL_CODES: ReadonlySet<number> = new Set([403, 404, 406]);

/** A client's error, never the broker's; by its code it ends the channel or the connection (AMQP 0-9-1, section 1.2). */
export class AmqpError extends Error {
  override readonly name = "AmqpError";

  constructor(readonly code: number, detail: string) {
    // As RabbitMQ writes them.
    super(`${REPLY_NAMES[code]?.replace("-", "_")} - ${detail}`);
  }

  get endsConnection(): boolean {
    return !CHANNEL_CODES.has(this.code);
  }
}

export function notImplemented(feature: string): AmqpError {
  return new AmqpError(540, `the embedded broker has no ${feature}; use RabbitMQ for it`);
}

type Kind = "queue" | "exchange";

/** The error for a queue or an exchange that does not exist. RabbitMQ may have its own `amq.` ones. */
export function notFound(kind: Kind, name: string): AmqpError {
  assertNoSystemName(kind, name);
  return new AmqpError(404, `no ${kind} '${name}' in vhost '/'`);
}

export function assertNoSystemName(kind: Kind, name: string): void {
  if (name.startsWith("amq.")) throw notImplemented(`${kind} '${name}'`);
}

/** The fields of `channel.close` or `connection.close`: the reason, and the method that caused it, if one did. */
export function closeFields(error: AmqpError, method: ClientMethod | undefined): Closing {
  const id = method?.id ?? 0;
  const replyText = shortString(error.message);
  return { replyCode: error.code, replyText, classId: id >> 16, methodId: id & 0xffff };
}

/** Cuts a text to the maximum size of a short string, between two characters. */
function shortString(text: string): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(255)).read);
}

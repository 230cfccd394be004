import type { ClientMethod, Closing } from "./methods.ts";

/** The reply codes that this broker sends (AMQP 0-9-1, section 1.2 "Class and Method constants"), with RabbitMQ's names. */
const REPLY_NAMES = {
  403: "ACCESS_REFUSED",
  404: "NOT_FOUND",
  406: "PRECONDITION_FAILED",
  501: "FRAME_ERROR",
  502: "SYNTAX_ERROR",
  503: "COMMAND_INVALID",
  504: "CHANNEL_ERROR",
  505: "UNEXPECTED_FRAME",
  530: "NOT_ALLOWED",
  540: "NOT_IMPLEMENTED",
  541: "INTERNAL_ERROR",
} as const;

export type ReplyCode = keyof typeof REPLY_NAMES;

/** The codes that leave the connection usable: only the channel is closed. */
const CHANNEL_CODES: ReadonlySet<ReplyCode> = new Set([403, 404, 406]);

/** What the client did wrong: ends its channel or its connection, as the code demands. Never a defect of the broker. */
export class AmqpError extends Error {
  override readonly name = "AmqpError";

  constructor(readonly code: ReplyCode, detail: string) {
    super(`${REPLY_NAMES[code]} - ${detail}`);
  }

  get endsConnection(): boolean {
    return !CHANNEL_CODES.has(this.code);
  }
}

/** The error for what RabbitMQ has and this stand-in does not. */
export function notImplemented(feature: string): AmqpError {
  return new AmqpError(540, `the embedded broker has no ${feature}; use RabbitMQ for it`);
}

type Kind = "queue" | "exchange";

/** The error for a queue or an exchange that does not exist. What is named `amq.` RabbitMQ may have by itself. */
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

/** Cuts a text to the most bytes of a short string, between two characters. */
function shortString(text: string): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(255)).read);
}

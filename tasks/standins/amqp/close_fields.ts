import type { AmqpError } from "./amqp_error.ts";
import type { BrokerMethods, ClientMethod } from "./methods.ts";

/** The most bytes of a short string, such as a reply text. */
const SHORT_STRING_MAX_BYTES = 255;

/** The fields of `channel.close` or `connection.close`: the reason, and the method that caused it, if one did. */
export function closeFields(
  error: AmqpError,
  method: ClientMethod | undefined,
): BrokerMethods["ChannelClose"] {
  const id = method?.id ?? 0;
  return {
    replyCode: error.code,
    replyText: shortString(error.message),
    classId: id >> 16,
    methodId: id & 0xffff,
  };
}

/** Cuts a text to the length of a short string, between two characters. */
function shortString(text: string): string {
  const bytes = new TextEncoder().encodeInto(text, new Uint8Array(SHORT_STRING_MAX_BYTES));
  return text.slice(0, bytes.read);
}

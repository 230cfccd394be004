import { messageHeaders } from "@playground/shared/amqp";
import { extractContext, type Tracing } from "@playground/shared/tracing";
import type { GetMessage } from "amqplib";

/** Removes a dead letter for good. A span below the `emailer` span that gave the email up says so. */
export async function drop(
  message: GetMessage,
  remove: (message: GetMessage) => void,
  tracing: Pick<Tracing, "inSpan">,
): Promise<void> {
  const parent = extractContext(messageHeaders(message));
  await tracing.inSpan("drop-dead-letter", { parent }, () => remove(message));
}

import type { LogRecord } from "@logtape/logtape";

/** A record's message as a sentence: a text as it is, where LogTape would quote it. */
export function messageText({ message }: LogRecord): string {
  return message.map((part) => typeof part === "string" ? part : Deno.inspect(part)).join("");
}

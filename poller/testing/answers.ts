import { bytes } from "./mails.ts";

interface AnswerOptions {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer whose body is a byte stream, as those of `fetch` are. */
export function answerOf(
  body: string | Uint8Array<ArrayBuffer>,
  options: AnswerOptions = {},
): Response {
  return new Response(new Blob([body]), options);
}

export function jsonAnswer(value: unknown, options: AnswerOptions = {}): Response {
  return answerOf(JSON.stringify(value), {
    ...options,
    headers: { "content-type": "application/json; charset=utf-8", ...options.headers },
  });
}

/** An answer with a mail, as Mailtrap's API gives it. */
export function mailAnswer(
  mail: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answerOf(mail, {
    headers: {
      "content-type": "message/rfc822",
      "content-length": String(mail.length),
      ...headers,
    },
  });
}

/** An answer whose connection breaks after its first bytes. */
export function brokenAnswer(beginning: string, options: AnswerOptions = {}): Response {
  const body = new ReadableStream({
    type: "bytes",
    start: (controller) => controller.enqueue(bytes(beginning)),
    pull: (controller) => controller.error(new TypeError("connection reset")),
  });
  return new Response(body, options);
}

const encoder = new TextEncoder();

/** The ids of the span that {@linkcode mailOf} names as the mail's origin. */
export const ORIGIN = {
  traceId: "463ac35c9f6413ad48485a3953bb6124",
  spanId: "a2fb4a1d1a96d312",
} as const;

export interface MailOptions {
  readonly body?: string;
  /** Further headers, each a line without its end. */
  readonly headers?: readonly string[];
  /** The sampling decision in its trace headers; without one it has no trace headers. */
  readonly sampled?: "0" | "1";
}

export function mailOf(
  { body = "Body", headers = [], sampled }: MailOptions = {},
): Uint8Array<ArrayBuffer> {
  return bytes([
    "From: Sender <sender@example.com>",
    "To: recipient@example.com",
    "Subject: Subject",
    ...headers,
    ...(sampled === undefined ? [] : [
      `X-B3-TraceId: ${ORIGIN.traceId}`,
      `X-B3-SpanId: ${ORIGIN.spanId}`,
      `X-B3-Sampled: ${sampled}`,
    ]),
    "",
    body,
    "",
  ].join("\r\n"));
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** A trace id in either spelling: B3 has ids of 64 and of 128 bits. Zeros alone name none (W3C Trace Context section 3.2.2.3). */
export const TRACE_ID = /^(?!0+$)(?:[0-9a-f]{16}|[0-9a-f]{32})$/;

/** Reads a trace id of 16 or 32 hexadecimal digits; both spellings of one id become the longer one, as in our spans. */
export function toTraceId(text: string): string | undefined {
  return TRACE_ID.test(text) ? text.padStart(32, "0") : undefined;
}

/** An email's name in a request: its id, or a span's. */
export const EMAIL_NAME = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16})$/;

/** Whether a text can name an email within its trace. */
export function isEmailName(text: string): boolean {
  return EMAIL_NAME.test(text);
}

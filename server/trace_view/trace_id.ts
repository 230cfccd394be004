/** A trace id in either spelling: B3 has ids of 64 and of 128 bits. Zeros alone name none (W3C Trace Context section 3.2.2.3). */
export const TRACE_ID = /^(?!0+$)(?:[0-9a-f]{16}|[0-9a-f]{32})$/;

/** Reads a trace id of 16 or 32 hexadecimal digits; both spellings of one id become the longer one, which spans have here. */
export function toTraceId(text: string): string | undefined {
  return TRACE_ID.test(text) ? text.padStart(32, "0") : undefined;
}

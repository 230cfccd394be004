/** The pattern of a trace id in either spelling, for `/openapi.json`. B3 has ids of 64 and of 128 bits; all zeros are none. */
export const TRACE_ID_PATTERN = "^(?!0+$)(?:[0-9a-f]{16}|[0-9a-f]{32})$";

const TRACE_ID = new RegExp(TRACE_ID_PATTERN);

/** Reads a trace id of 16 or 32 hexadecimal digits; both spellings of one id become the longer one, which spans have here. */
export function toTraceId(text: string): string | undefined {
  return TRACE_ID.test(text) ? text.padStart(32, "0") : undefined;
}

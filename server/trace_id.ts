const TRACE_ID = /^[0-9a-f]{32}$/;

/**
 * Tells whether a text is the id of a trace, as this system writes it.
 *
 * @param text Any text.
 * @returns True for 32 lower-case hexadecimal digits.
 */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text);
}

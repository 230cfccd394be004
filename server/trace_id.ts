/** The id of a trace, as this system writes it. One of zeros alone names none (W3C Trace Context section 3.2.2.3). */
export const TRACE_ID = /^(?!0{32}$)[0-9a-f]{32}$/;

/** Tells whether a text is the id of a trace. */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text);
}

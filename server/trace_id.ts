const TRACE_ID = /^[0-9a-f]{32}$/;

/** Tells whether a text is the id of a trace, as this system writes it. */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text);
}

/**
 * Names of traces and emails. The page loads this module unchanged, so it is plain JavaScript. Its types are in comments, and
 * checked.
 *
 * @module
 */

/** A trace id in either spelling: B3 has ids of 64 and of 128 bits. Zeros alone name none (W3C Trace Context section 3.2.2.3). */
export const TRACE_ID = /^(?!0+$)(?:[0-9a-f]{16}|[0-9a-f]{32})$/;

/**
 * Reads a trace id of 16 or 32 hexadecimal digits; both spellings of one id become the longer one, as in our spans.
 *
 * @param {string} text
 * @returns {string | undefined}
 */
export function toTraceId(text) {
  return TRACE_ID.test(text) ? text.padStart(32, "0") : undefined;
}

/**
 * A trace, or an email of it.
 *
 * @typedef {{ readonly traceId: string, readonly emailId?: string }} TraceName
 */

/**
 * Reads a trace id, or an address that ends with one: Zipkin's, or the page's, which may name an email as well.
 *
 * @param {string} text
 * @returns {TraceName | undefined}
 */
export function traceNamed(text) {
  const { digits = "", emailId } =
    /(?:^|[^0-9a-f])(?<digits>[0-9a-f]+)(?:&email=(?<emailId>[0-9a-f-]+))?(?:&[^/]*)?$/i
      .exec(text.trim())?.groups ?? {};
  const traceId = toTraceId(digits.toLowerCase());
  if (traceId === undefined) return undefined;
  return emailId === undefined ? { traceId } : { traceId, emailId };
}

/** An email's name in a request: its id, or a span's. */
export const EMAIL_NAME = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16})$/;

/**
 * Whether a text can name an email within its trace.
 *
 * @param {string} text
 * @returns {boolean}
 */
export function isEmailName(text) {
  return EMAIL_NAME.test(text);
}

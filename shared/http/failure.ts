/** No chain of causes is longer, unless it is circular. */
const MAX_DEPTH = 10;

/** For an address that is not in `--allow-net`: not an outage, so waiting does not help. */
const NOT_PERMITTED = "not among the addresses this binary was compiled for";

/** Deno's own message, and that of its Node functions for a name; libraries keep the text, but not always the code. */
const REFUSALS = /^Requires net access to |\b(getaddrinfo|connect) EPERM\b/;

/** Deno's own message names the local port and the whole address, which differ at each request. */
const SENDING =
  /^error sending request (?:from \S+ )?for (?:url \()?(?<origin>https?:\/\/[^/?\s)]+)\S*(?: \(\S+\))?: /;

/** Whether Deno's permissions deny an address. */
export function isNotPermitted(error: unknown): boolean {
  return error instanceof Error && REFUSALS.test(error.message);
}

/**
 * Why a request failed, in words: the innermost cause, since `fetch` itself reports no reason. For several tried addresses, all
 * reasons.
 */
export function failureReason(error: unknown): string {
  let innermost = error;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (!(innermost instanceof Error)) break;
    // Disposing failed too, mostly for the same reason.
    const inner = innermost instanceof SuppressedError ? innermost.suppressed : innermost.cause;
    if (!(inner instanceof Error)) break;
    innermost = inner;
  }
  if (innermost instanceof AggregateError && innermost.errors.length > 0) {
    return [...new Set(innermost.errors.map(failureReason))].join("; ");
  }
  if (!(innermost instanceof Error)) return String(innermost);
  // V8's message quotes the text, which may be private.
  if (innermost instanceof SyntaxError) return "the answer is not valid JSON";
  const message = (innermost.message || innermost.name).replace(SENDING, "$<origin>: ");
  return isNotPermitted(innermost) ? `${NOT_PERMITTED}: ${message}` : message;
}

/**
 * How long an answer asks its caller to wait, in milliseconds (RFC 9110 section 10.2.3: a number of seconds or a date);
 * `undefined` when it does not ask.
 */
export function retryAfterMs(
  { headers }: Pick<Response, "headers">,
  nowMs: number,
): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

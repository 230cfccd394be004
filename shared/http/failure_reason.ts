/** Deeper than this no chain of causes goes, unless it is a ring. */
const MAX_DEPTH = 10;

/** What is wrong where an address is not in `--allow-net`: no outage, and nothing that time mends. */
const NOT_PERMITTED = "not among the addresses this binary was compiled for";

/** How Deno says it, and how its Node functions say it of a name; libraries keep the words, not always the code. */
const REFUSALS = /^Requires net access to |\b(getaddrinfo|connect) EPERM\b/;

/** Whether Deno does not let this process reach an address. */
export function isNotPermitted(error: unknown): boolean {
  return error instanceof Error && REFUSALS.test(error.message);
}

/**
 * Why a request failed, in words: the innermost cause, since `fetch` itself only says that it failed, and the reasons of all where
 * several addresses were tried.
 */
export function failureReason(error: unknown): string {
  let innermost = error;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (!(innermost instanceof Error) || !(innermost.cause instanceof Error)) break;
    innermost = innermost.cause;
  }
  if (innermost instanceof AggregateError && innermost.errors.length > 0) {
    return [...new Set(innermost.errors.map(failureReason))].join("; ");
  }
  if (!(innermost instanceof Error)) return String(innermost);
  const message = innermost.message || innermost.name;
  return isNotPermitted(innermost) ? `${NOT_PERMITTED}: ${message}` : message;
}

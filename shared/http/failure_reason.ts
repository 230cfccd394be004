/** Deeper than this no chain of causes goes, unless it is a ring. */
const MAX_DEPTH = 10;

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
  return innermost.message || innermost.name;
}

/** How long to leave the API alone when its limit was hit and it did not say (the limit is 150 requests in 10 seconds). */
const RATE_LIMIT_PAUSE_MS = 10_000;
/** How long to leave it alone when it fails by itself. */
const SERVER_ERROR_PAUSE_MS = 2_000;
/** No pause is longer, whatever `Retry-After` says. */
const MAX_PAUSE_MS = 120_000;

/** Says what an answer that is no success means. */
export function reasonOf({ status, headers }: Response): string {
  switch (status) {
    case 401:
      return "Mailtrap answered 401: the API token is wrong; check MAILTRAP_TOKEN";
    case 403:
      return "Mailtrap answered 403: the token has no access to this inbox; check MAILTRAP_TOKEN and MAILTRAP_BOXID";
    case 429:
      return "Mailtrap answered 429: too many requests";
    default:
      return headers.has("location")
        ? `Mailtrap answered ${status}: it redirects, and the token is for MAILTRAP_URL only; check that`
        : `Mailtrap answered ${status}`;
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3). */
export function pauseAfter({ status, headers }: Response): number | undefined {
  const retryAfter = headers.get("retry-after");
  if (retryAfter !== null) {
    const seconds = Number(retryAfter);
    const pauseMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
    if (pauseMs > 0) return Math.min(pauseMs, MAX_PAUSE_MS);
  }
  if (status === 429) return RATE_LIMIT_PAUSE_MS;
  return status >= 500 ? SERVER_ERROR_PAUSE_MS : undefined;
}

/**
 * How long an answer asks its caller to wait (RFC 9110 section 10.2.3: a number of seconds or a date), in milliseconds;
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

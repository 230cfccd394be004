/**
 * Why a request failed, in words: the innermost cause, since `fetch` itself only says that it failed.
 *
 * @param error What was thrown.
 * @returns The message of the innermost cause.
 */
export function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? failureReason(error.cause) : error.message;
}

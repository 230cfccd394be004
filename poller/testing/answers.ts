/** An answer whose body is a byte stream, as those of `fetch` are. */
export function answerOf(
  body: string | Uint8Array<ArrayBuffer>,
  options: Pick<ResponseInit, "status" | "headers"> = {},
): Response {
  return new Response(new Blob([body]), options);
}

export function jsonAnswer(value: unknown, options: { readonly status?: number } = {}): Response {
  return answerOf(JSON.stringify(value), options);
}

/** Shows a value within a sentence: a text as it is, where LogTape would quote it. */
export function unquoted(value: unknown, inspect: (value: unknown) => string): string {
  return typeof value === "string" ? value : inspect(value);
}

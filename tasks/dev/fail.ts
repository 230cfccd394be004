/**
 * Ends the task with a message.
 *
 * @param message What could not be done, why, and what to do.
 * @param details More, a line each.
 */
export function fail(message: string, details: readonly string[] = []): never {
  console.error(message);
  for (const detail of details) console.error(`  ${detail}`);
  Deno.exit(1);
}

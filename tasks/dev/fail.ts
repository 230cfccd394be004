/** Ends the task with a message. */
export function fail(message: string, details: readonly string[] = []): never {
  console.error(message);
  for (const detail of details) console.error(`  ${detail}`);
  Deno.exit(1);
}

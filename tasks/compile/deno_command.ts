import { ROOT } from "@playground/tasks/playground";

/** How a run of `deno` ended. */
export interface DenoResult {
  /** Whether it did what it was asked. */
  readonly success: boolean;
  /** What it said. */
  readonly output: string;
}

/**
 * Runs the Deno that runs this, in the root of the project.
 *
 * @param args Its arguments.
 * @returns How it ended.
 */
export async function runDeno(args: readonly string[]): Promise<DenoResult> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

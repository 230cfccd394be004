import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How a command ended, and what it wrote. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, one after the other. */
  readonly output: string;
}

interface ProgramOptions {
  /** Where it runs. @default the root of the project */
  readonly cwd?: string;
  /** Variables besides this process's; colours are off. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it gets none of the variables of this process. @default false */
  readonly clearEnv?: boolean;
}

/** Runs this same Deno with other arguments, such as `["run", "-A", "tasks/load/main.ts"]`, to its end. */
export function runDeno(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<CommandResult> {
  return runProgram(Deno.execPath(), args, options);
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd = ROOT, env = {}, clearEnv = false }: ProgramOptions = {},
): Promise<CommandResult> {
  const result = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    clearEnv,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const stdout = decoder.decode(result.stdout);
  const stderr = decoder.decode(result.stderr);
  return { code: result.code, stdout, stderr, output: stdout + stderr };
}

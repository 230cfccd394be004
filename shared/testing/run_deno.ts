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

interface DenoOptions {
  /** Where it runs. @default the root of the project */
  readonly cwd?: string;
  /** Variables besides this process's; colours are off. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it gets none of the variables of this process. @default false */
  readonly clearEnv?: boolean;
  /** @default "null" */
  readonly stdin?: "piped" | "null";
}

/** Starts this same Deno with other arguments, such as `["run", "-A", "tasks/load/main.ts"]`. */
export function startDeno(
  args: readonly string[],
  { cwd = ROOT, env = {}, clearEnv = false, stdin = "null" }: DenoOptions = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    clearEnv,
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits until a process of {@linkcode startDeno} has ended, and reads what it wrote. */
export async function resultOf(child: Deno.ChildProcess): Promise<CommandResult> {
  const result = await child.output();
  const decoder = new TextDecoder();
  const stdout = decoder.decode(result.stdout);
  const stderr = decoder.decode(result.stderr);
  return { code: result.code, stdout, stderr, output: stdout + stderr };
}

/** {@linkcode startDeno} and {@linkcode resultOf} in one. */
export async function runDeno(
  args: readonly string[],
  options: DenoOptions = {},
): Promise<CommandResult> {
  return await resultOf(startDeno(args, options));
}

import { isScreen } from "../terminal/live_area.ts";
import { ROOT } from "./settings.ts";

interface ManagedProcessOptions {
  readonly name: string;
  /** @default this same Deno */
  readonly program?: string;
  readonly args: readonly string[];
  /** The whole environment beside {@linkcode PLATFORM_VARIABLES}. */
  readonly environment: Readonly<Record<string, string>>;
  /** @default the root of the project */
  readonly cwd?: string;
  readonly onLine: (line: string) => void;
}

const STOP_TIMEOUT_MS = 16_000;

const PLATFORM_VARIABLES = [
  "DENO_DIR",
  "HOME",
  "XDG_CACHE_HOME",
  "LOCALAPPDATA",
  "USERPROFILE",
  "SystemRoot",
  "TMPDIR",
  "TEMP",
  "PATH",
  "NO_COLOR",
] as const;

/**
 * A child process that lives no longer than this one.
 *
 * It is detached, so that a terminal's Ctrl-C reaches this process only, which stops its children in the right order. It ends at
 * the end of its standard input, which the operating system closes however this process ends.
 */
export class ManagedProcess implements AsyncDisposable {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: Promise<unknown>;

  constructor(options: ManagedProcessOptions) {
    const { name, program = Deno.execPath(), args, environment, cwd = ROOT, onLine } = options;
    this.name = name;
    this.#child = new Deno.Command(program, {
      args: [...args],
      cwd,
      env: { ...platformEnvironment(), ...environment },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#lines = Promise.all([this.#child.stdout, this.#child.stderr].map(async (stream) => {
      for await (const line of linesOf(stream)) onLine(line);
    }));
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when the process has ended and all its lines were handed on. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#lines.then(() => this.#child.status);
  }

  async write(text: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    try {
      await writer.write(new TextEncoder().encode(text));
    } finally {
      writer.releaseLock();
    }
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has already ended.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Asks the process to stop by closing its standard input, and waits; kills it after too long. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    // A process that has ended has closed its side.
    await this.#child.stdin.close().catch(() => {});
    await this.ended;
    clearTimeout(timer);
  }
}

/** What any process needs that gets an environment of its own. Its lines have colours only where this process may draw. */
export function platformEnvironment(): Record<string, string> {
  const variables = PLATFORM_VARIABLES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const colour = isScreen() ? {} : { NO_COLOR: "1" };
  return { ...Object.fromEntries(variables), ...colour };
}

/** The lines that a process writes, without their ends. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, void> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

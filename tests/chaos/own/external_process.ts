import { linesOf } from "@playground/tasks/system";
import { isListening } from "../../fixture/ports.ts";
import { type KillableProcess, RestartedProcess } from "../restarted_process.ts";

interface ExternalProcessOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/**
 * Runs a program until it ends or until standard input does, which the operating system closes whatever becomes of us; then nothing
 * of the process group is left. Servers such as RabbitMQ are shell scripts with processes below them.
 */
const LIFELINE = '{ "$@" </dev/null; kill -KILL 0; } & cat >/dev/null; kill -KILL 0';

/** A program that lives no longer than this process, and is killed with all that it has started. */
export class ExternalProcess implements KillableProcess {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: Promise<unknown>;

  constructor({ name, program, args, environment = {}, onLine }: ExternalProcessOptions) {
    this.name = name;
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", LIFELINE, name, program, ...args],
      env: { ...environment },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#lines = Promise.all([this.#child.stdout, this.#child.stderr].map(async (stream) => {
      for await (const line of linesOf(stream)) onLine(line);
    }));
  }

  /** The id of the process group. */
  get pid(): number {
    return this.#child.pid;
  }

  get ended(): Promise<Deno.CommandStatus> {
    return this.#lines.then(() => this.#child.status);
  }

  kill(): void {
    try {
      Deno.kill(-this.pid, "SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Kills it: its state is of no use any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#child.stdin.close().catch(() => {});
    await this.ended;
  }
}

/** Runs a program that listens on a port, and starts it again whenever it is killed. */
export function runAgain(run: ExternalProcessOptions, port: number): RestartedProcess {
  return new RestartedProcess({
    ...run,
    start: () => new ExternalProcess(run),
    isAlive: () => isListening(port),
    diesWhenStopped: true,
  });
}

/** Finds an installed program, in these folders first. */
export async function findProgram(
  name: string,
  folders: readonly string[] = [],
): Promise<string | undefined> {
  const { success, stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'command -v "$1"', "sh", name],
    env: { PATH: [...folders, Deno.env.get("PATH") ?? ""].join(":") },
  }).output();
  return success ? new TextDecoder().decode(stdout).trim() : undefined;
}

import { runProgram } from "@playground/shared/testing";
import { ManagedProcess } from "@playground/tasks/system";
import { RestartedProcess } from "../restarted_process.ts";

interface ExternalProcessOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/**
 * Runs a program until it or standard input ends, which the operating system closes however this process ends; then kills the
 * whole process group. Servers such as RabbitMQ are shell scripts with processes below them.
 */
const LIFELINE = '{ "$@" </dev/null; kill -KILL 0; } & cat >/dev/null; kill -KILL 0';

/** A program that lives no longer than this process, and is killed with all that it has started. */
export class ExternalProcess extends ManagedProcess {
  constructor({ name, program, args, environment = {}, onLine }: ExternalProcessOptions) {
    super({
      name,
      program: "/bin/sh",
      args: ["-c", LIFELINE, name, program, ...args],
      environment,
      onLine,
    });
  }

  /** Kills the process group. */
  override kill(): void {
    try {
      Deno.kill(-this.pid, "SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Kills it: nobody needs its state any more. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await super[Symbol.asyncDispose]();
  }
}

/** Runs a program that listens on a port, and starts it again whenever it is killed. */
export function runAgain(run: ExternalProcessOptions, port: number): RestartedProcess {
  const start = () => new ExternalProcess(run);
  return new RestartedProcess({ ...run, port, start, diesWhenStopped: true });
}

/** Finds an installed program, in these folders first. */
export async function findProgram(
  name: string,
  folders: readonly string[] = [],
): Promise<string | undefined> {
  const args = ["-c", 'command -v "$1"', "sh", name];
  const PATH = [...folders, Deno.env.get("PATH") ?? ""].join(":");
  const { code, stdout } = await runProgram("/bin/sh", args, { env: { PATH } });
  return code === 0 ? stdout.trim() : undefined;
}

import { forEachLine } from "../../../tasks/system/lines.ts";
import type { KillableProcess } from "../mortal_process.ts";

/** How to run a program that is not ours. */
export interface ExternalProcessOptions {
  /** What people know it by. */
  readonly name: string;
  /** The program. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes the lines that it writes. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs a program until it ends or until standard input does, which the operating system closes whatever becomes of us; then nothing
 * of the process group is left. Servers such as RabbitMQ are shell scripts with processes below them.
 */
const LIFELINE = '{ "$@" </dev/null; kill -KILL 0; } & cat >/dev/null; kill -KILL 0';

/** A program that lives no longer than this process, and is killed with all that it has started. */
export class ExternalProcess implements KillableProcess {
  /** What people know it by. */
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: Promise<unknown>;

  /** Starts the program. */
  constructor({ name, program, args, environment, onLine }: ExternalProcessOptions) {
    this.name = name;
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", LIFELINE, name, program, ...args],
      ...(environment === undefined ? {} : { env: { ...environment } }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#lines = Promise.all(
      [this.#child.stdout, this.#child.stderr].map((stream) => forEachLine(stream, onLine)),
    );
  }

  /** The id of the process group. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it has ended. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#lines.then(() => this.#child.status);
  }

  /** Kills it and all that it has started. */
  kill(): void {
    try {
      Deno.kill(-this.#child.pid, "SIGKILL");
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

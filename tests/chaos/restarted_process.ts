import { type ManagedProcess, Supervisor } from "@playground/tasks/system";

export type KillableProcess = Pick<
  ManagedProcess,
  "name" | "pid" | "ended" | "kill" | typeof Symbol.asyncDispose
>;

export interface RestartedProcessOptions {
  readonly name: string;
  readonly start: () => KillableProcess;
  readonly onLine: (line: string) => void;
  readonly isAlive: () => Promise<boolean>;
  readonly isReady: () => Promise<boolean>;
  /** Whether it is killed also when it is asked to stop. @default false */
  readonly diesWhenStopped?: boolean;
}

/** A process that is killed now and then, and is started again. */
export class RestartedProcess implements AsyncDisposable {
  readonly name: string;
  readonly isAlive: () => Promise<boolean>;
  readonly isReady: () => Promise<boolean>;
  readonly #supervisor: Supervisor;
  readonly #failures: string[] = [];
  readonly #stopped = new WeakSet<KillableProcess>();
  readonly #endings = new Set<Promise<void>>();
  readonly #diesWhenStopped: boolean;
  #process: KillableProcess | undefined;
  #isStopping = false;

  constructor(options: RestartedProcessOptions) {
    this.name = options.name;
    this.isAlive = options.isAlive;
    this.isReady = options.isReady;
    this.#diesWhenStopped = options.diesWhenStopped ?? false;
    this.#supervisor = new Supervisor({
      onLine: options.onLine,
      start: () => {
        const process = options.start();
        this.#process = process;
        this.#endings.add(this.#watch(process));
        return process;
      },
    });
  }

  /** How it ended where nobody had killed it: no fault of the surroundings may do that. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  get gaveUp(): Promise<never> {
    return this.#supervisor.gaveUp;
  }

  /** Kills it, without any chance to tidy up, and waits until it has ended. It is started again after that. */
  async kill(): Promise<void> {
    const process = this.#process;
    process?.kill();
    await process?.ended;
  }

  /** Asks it to stop, as an orchestrator does, and waits until it has ended. It is started again after that. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#stopped.add(process);
    try {
      Deno.kill(process.pid, "SIGTERM");
    } catch (error) {
      // It was killed just now.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await process.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await this.#supervisor[Symbol.asyncDispose]();
    await Promise.all(this.#endings);
  }

  async #watch(process: KillableProcess): Promise<void> {
    this.#judge(await process.ended, this.#isStopping || this.#stopped.has(process));
    // What was killed has not closed our end of its standard input.
    await process[Symbol.asyncDispose]();
  }

  #judge({ code, signal }: Deno.CommandStatus, wasAsked: boolean): void {
    const isKilled = signal === "SIGKILL" && (!this.#isStopping || this.#diesWhenStopped);
    const isStopped = code === 0 && wasAsked;
    if (isKilled || isStopped) return;
    const when = wasAsked ? "when it was asked to stop" : "by itself";
    this.#failures.push(`${this.name} ended ${when} with ${signal ?? `code ${code}`}`);
  }
}

import { waitFor } from "@playground/shared/testing";
import { sleep } from "@playground/shared/time";
import { type ManagedProcess, Supervisor } from "@playground/tasks/system";
import { isListening } from "../fixture/ports.ts";

interface RestartedProcessOptions {
  readonly name: string;
  /** The port that it listens on after each start. */
  readonly port: number;
  readonly start: () => ManagedProcess;
  readonly onLine: (line: string) => void;
  /** Whether it can do its work. @default it listens */
  readonly isReady?: () => Promise<boolean>;
  /** Whether it is killed also at the end. @default false */
  readonly diesWhenStopped?: boolean;
}

/** Several nodes of a broker that start at once on two cores take this long. */
const READY_TIMEOUT_MS = 120_000;
/** A process that does not run by then may never come back; the end of the run reports it. */
const ALIVE_TIMEOUT_MS = 60_000;
const LOOK_INTERVAL_MS = 50;

/** A process that is killed now and then, and is started again. */
export class RestartedProcess implements AsyncDisposable {
  readonly name: string;
  readonly isAlive: () => Promise<boolean>;
  readonly isReady: () => Promise<boolean>;
  /** How it ended by itself, which no fault around it may cause. */
  readonly failures: string[] = [];
  readonly #supervisor: Supervisor;
  readonly #diesWhenStopped: boolean;
  #process: ManagedProcess | undefined;
  #askedToStop: ManagedProcess | undefined;
  #ending = Promise.resolve();
  #isEnding = false;

  constructor(options: RestartedProcessOptions) {
    const { name, port, start, onLine, diesWhenStopped = false } = options;
    this.name = name;
    this.isAlive = () => isListening(port);
    this.isReady = options.isReady ?? this.isAlive;
    this.#diesWhenStopped = diesWhenStopped;
    this.#supervisor = new Supervisor({
      onLine,
      start: () => {
        this.#process = start();
        this.#ending = this.#watch(this.#process);
        return this.#process;
      },
    });
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
    this.#askedToStop = process;
    try {
      Deno.kill(process.pid, "SIGTERM");
    } catch (error) {
      // It was killed just now.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await process.ended;
  }

  async untilAlive(signal: AbortSignal): Promise<void> {
    const giveUpAt = performance.now() + ALIVE_TIMEOUT_MS;
    while (!signal.aborted && performance.now() < giveUpAt && !await this.isAlive()) {
      await sleep(LOOK_INTERVAL_MS, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#supervisor[Symbol.asyncDispose]();
    await this.#ending;
  }

  async #watch(process: ManagedProcess): Promise<void> {
    const { code, signal } = await process.ended;
    const wasAsked = this.#isEnding || this.#askedToStop === process;
    const isKilled = signal === "SIGKILL" && (!this.#isEnding || this.#diesWhenStopped);
    if (!isKilled && !(wasAsked && code === 0)) {
      const when = wasAsked ? "when it was asked to stop" : "by itself";
      this.failures.push(`${this.name} ended ${when} with ${signal ?? `code ${code}`}`);
    }
    // A killed process leaves our end of its standard input open.
    await process[Symbol.asyncDispose]();
  }
}

/**
 * Waits until every process can do its work.
 *
 * @throws {Error} If it takes too long, or is ended early, or one of them cannot be kept running.
 */
export async function untilReady(
  processes: readonly RestartedProcess[],
  signal: AbortSignal,
): Promise<void> {
  const ready = waitFor("every process is ready", async () => {
    signal.throwIfAborted();
    return (await whoIsNotReady(processes)).length === 0;
  }, READY_TIMEOUT_MS);
  await Promise.race([ready, ...processes.map(({ gaveUp }) => gaveUp)]);
}

export async function whoIsNotReady(
  processes: readonly RestartedProcess[],
): Promise<readonly string[]> {
  const areReady = await Promise.all(processes.map(({ isReady }) => isReady()));
  return processes.filter((_, index) => !areReady[index]).map(({ name }) => name);
}

import { sleep } from "@playground/shared/time";
import type { ManagedProcess } from "./managed_process.ts";

type SupervisedProcess = Pick<ManagedProcess, "name" | "pid" | "ended"> & AsyncDisposable;

interface SupervisorOptions {
  readonly start: () => SupervisedProcess;
  readonly onLine: (line: string) => void;
  /** Whether it has begun its work. If not, starting it again would not help, as with a full disk. @default it always has */
  readonly hasBegun?: () => boolean;
  /** @default 1000 */
  readonly restartDelayMs?: number;
}

/** The exit code of a service whose configuration is wrong: starting it again would not help. */
const CONFIGURATION_ERROR = 2;
const MAX_RESTARTS_PER_MINUTE = 10;

/** Keeps a process running: restarts it when it ends or is killed. */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  readonly #gaveUp = Promise.withResolvers<never>();
  readonly #watching: Promise<void>;
  #process: SupervisedProcess;
  #restarted: PromiseWithResolvers<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#process = options.start();
    // Callers may await it.
    this.#gaveUp.promise.catch(() => {});
    this.#watching = this.#watch();
  }

  get name(): string {
    return this.#process.name;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Rejected when the process cannot be kept running. */
  get gaveUp(): Promise<never> {
    return this.#gaveUp.promise;
  }

  /** Stops the process in good order, and starts it again. */
  async restart(): Promise<void> {
    this.#restarted ??= Promise.withResolvers();
    const { promise } = this.#restarted;
    await this.#process[Symbol.asyncDispose]();
    await Promise.race([promise, this.#watching]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#process[Symbol.asyncDispose]();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { onLine, hasBegun = () => true, restartDelayMs = 1_000 } = this.#options;
    const { signal: stopping } = this.#stopping;
    const restarts: number[] = [];
    for (;;) {
      const { code, signal } = await this.#process.ended;
      if (stopping.aborted) return;
      if (this.#restarted !== undefined) {
        this.#start();
        continue;
      }
      const now = performance.now();
      restarts.push(now);
      while (now - (restarts[0] ?? now) > 60_000) restarts.shift();
      const isHopeless = code === CONFIGURATION_ERROR || !hasBegun();
      if (isHopeless || restarts.length > MAX_RESTARTS_PER_MINUTE) {
        const reason = `Cannot run ${this.name}: it ended with code ${code}; see its lines above`;
        this.#gaveUp.reject(new Error(reason));
        onLine(reason);
        return;
      }
      onLine(`ended (${signal ?? `code ${code}`}); starting it again`);
      await sleep(restartDelayMs, stopping);
      if (stopping.aborted) return;
      this.#start();
    }
  }

  #start(): void {
    this.#process = this.#options.start();
    // A restart may have been requested since the process ended.
    this.#restarted?.resolve();
    this.#restarted = undefined;
  }
}

import { ManagedProcess } from "@playground/tasks/system";
import { ROOT } from "@playground/tasks/running-system";

/** Where a process of the bench can be reached: what its `serveCommands` told. */
export interface ProcessAddresses {
  /** Takes commands. */
  readonly control: string;
  /** Where it does what it is for: the base address of its HTTP server; empty if it has none. */
  readonly url: string;
  /** The port on which it speaks something else than HTTP; 0 if it does not. */
  readonly port: number;
}

/** Starts a process of the bench; see {@linkcode BenchProcess.start}. */
export type StartProcess = (name: string, settings?: object) => Promise<BenchProcess>;

const READY = "READY ";

/**
 * A part of the bench that runs in a process of its own (`tests/bench/processes/`), as the services do: a ceiling, a generator or
 * a sink. It takes commands by HTTP and answers with what it measured.
 */
export class BenchProcess implements AsyncDisposable {
  /** Where it is. */
  readonly addresses: ProcessAddresses;
  readonly #process: ManagedProcess;
  readonly #signal: AbortSignal;

  private constructor(process: ManagedProcess, addresses: ProcessAddresses, signal: AbortSignal) {
    this.#process = process;
    this.addresses = addresses;
    this.#signal = signal;
  }

  /** Starts a process and waits until it listens. */
  static async start(name: string, settings: object, signal: AbortSignal): Promise<BenchProcess> {
    const ready = Promise.withResolvers<ProcessAddresses>();
    const lines: string[] = [];
    const process = new ManagedProcess({
      name,
      args: ["run", "-A", `tests/bench/processes/${name}.ts`, JSON.stringify(settings)],
      environment: {},
      cwd: ROOT,
      onLine: (line) => {
        if (line.startsWith(READY)) ready.resolve(JSON.parse(line.slice(READY.length)));
        else lines.push(line);
      },
    });
    process.ended.then(({ code }) =>
      ready.reject(
        new Error(`Cannot start ${name}: it ended with code ${code}\n${lines.join("\n")}`),
      )
    );
    return new BenchProcess(process, await ready.promise, signal);
  }

  /** The process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Has it do something.
   *
   * @throws {Error} If it could not, or the measuring was broken off.
   */
  async call<Result>(command: object): Promise<Result> {
    const response = await fetch(this.addresses.control, {
      method: "POST",
      body: JSON.stringify(command),
      signal: this.#signal,
    });
    if (response.ok) return await response.json();
    throw new Error(`${this.#process.name}: ${await response.text()}`);
  }

  /** Stops it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

/** Makes the function with which a measurement starts its processes. */
export function processStarter(
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): StartProcess {
  return async (name, settings = {}) =>
    resources.use(await BenchProcess.start(name, settings, signal));
}

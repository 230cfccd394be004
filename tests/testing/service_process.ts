import type { EmailDocument } from "@playground/shared/email";
import type { Environment } from "@playground/shared/configuration";
import {
  environmentOf,
  ManagedProcess,
  permissionFlags,
  type ServiceName,
  SERVICES,
} from "@playground/tasks/launcher";
import { type AcceptedEmail, MessageServerClient } from "@playground/tasks/message-server";
import { ROOT } from "@playground/tasks/playground";
import { waitFor } from "@playground/shared/testing";

/** How to start one service. */
export interface ServiceProcessOptions {
  /** The settings of the system; the service gets what concerns it, and a port of its own. */
  readonly environment: Environment;
  /** The arguments of `deno`. @default the service from its sources, with the rights that the launcher derives */
  readonly args?: (service: ServiceName, environment: Environment) => readonly string[];
  /** Variables for Deno itself. */
  readonly runtimeVariables?: Readonly<Record<string, string>>;
  /** The working directory. @default the root of the project */
  readonly cwd?: string;
}

/** One service of a system that a test puts together. */
export class ServiceProcess implements AsyncDisposable {
  /** Which service. */
  readonly name: ServiceName;
  /** Its whole configuration. */
  readonly environment: Environment;
  /** The base address of its HTTP port. */
  readonly url: string;
  /** What it has written. */
  readonly lines: readonly string[];
  readonly #process: ManagedProcess;

  /** Starts the service. */
  constructor(name: ServiceName, options: ServiceProcessOptions) {
    const port = String(freePort());
    const args = options.args ?? sourceArgs;
    const lines: string[] = [];
    this.name = name;
    this.lines = lines;
    this.url = `http://127.0.0.1:${port}`;
    this.environment = {
      ...options.environment,
      [SERVICES[name].healthPort.variable]: port,
      STOP_AT_STDIN_EOF: "true",
    };
    this.#process = new ManagedProcess({
      name,
      args: args(name, this.environment),
      environment: { ...environmentOf(name, this.environment), ...options.runtimeVariables },
      cwd: options.cwd ?? ROOT,
      onLine: (line) => lines.push(line),
    });
  }

  /** The id of its process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves with the exit code, when it has ended. */
  get exitCode(): Promise<number> {
    return this.#process.ended.then(({ code }) => code);
  }

  /** Waits until it can do its work. */
  async ready(): Promise<void> {
    const ended = this.exitCode.then((code) => {
      throw new Error(`It ended with code ${code}`);
    });
    const isReady = async () => {
      const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
      await response?.body?.cancel();
      return response?.ok ?? false;
    };
    try {
      await Promise.race([waitFor(`${this.name} is ready`, isReady, 30_000), ended]);
    } catch (error) {
      throw new Error(`${error}\n${this.lines.join("\n")}`);
    }
  }

  /** Kills it, without any chance to tidy up. */
  kill(): void {
    this.#process.kill();
  }

  /** Asks it to stop, and waits for it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

/** Posts an email that must be accepted. */
export async function acceptEmail(
  server: ServiceProcess,
  document: Partial<EmailDocument> = {},
): Promise<AcceptedEmail> {
  const result = await clientOf(server).postEmail({
    sender: { address: "me@example.com" },
    recipient: { address: "you@example.com" },
    subject: "Something catchy",
    body: "Whatever you want",
    ...document,
  });
  if (result.status !== "accepted") throw new Error(JSON.stringify(result));
  return result.email;
}

/** The client of a message server. */
export function clientOf(server: ServiceProcess): MessageServerClient {
  return new MessageServerClient(new URL(server.url), undefined);
}

/** Finds a port that nothing listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function sourceArgs(name: ServiceName, environment: Environment): readonly string[] {
  return ["run", ...permissionFlags(name, environment), SERVICES[name].entryPoint];
}

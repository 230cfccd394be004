import { RestartedProcess } from "../restarted_process.ts";
import { freePort, isListening } from "../../fixture/ports.ts";
import { ExternalProcess, findProgram } from "./external_process.ts";

export interface DatabaseProgram {
  readonly program: string;
  readonly args: (port: number, directory: string) => readonly string[];
}

export interface OwnDatabaseOptions {
  readonly database: DatabaseProgram;
  readonly directory: string;
  readonly onLine: (line: string) => void;
}

export interface OwnDatabase {
  readonly process: RestartedProcess;
  readonly url: string;
}

const ARGUMENTS: readonly (readonly [name: string, args: DatabaseProgram["args"]])[] = [
  ["mongod", (port, directory) => [
    "--bind_ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--dbpath",
    directory,
    "--quiet",
  ]],
  // SecantusDB (https://pypi.org/project/secantusdb/).
  ["secantusd-py", (port, directory) => [
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--storage-path",
    directory,
    "--cache-size",
    "64M",
    "--log-level",
    "WARNING",
  ]],
];

export async function findDatabase(): Promise<DatabaseProgram | undefined> {
  for (const [name, args] of ARGUMENTS) {
    const program = await findProgram(name);
    if (program !== undefined) return { program, args };
  }
  return undefined;
}

/** Starts a database on loopback; does not wait until it listens. */
export async function startOwnDatabase(
  { database: { program, args }, directory, onLine }: OwnDatabaseOptions,
  resources: AsyncDisposableStack,
): Promise<OwnDatabase> {
  await Deno.mkdir(directory, { recursive: true });
  const port = freePort();
  const process = resources.use(
    new RestartedProcess({
      name: "database",
      start: () =>
        new ExternalProcess({ name: "database", program, args: args(port, directory), onLine }),
      onLine,
      isAlive: () => isListening(port),
      isReady: () => isListening(port),
      diesWhenStopped: true,
    }),
  );
  return { process, url: `mongodb://127.0.0.1:${port}` };
}

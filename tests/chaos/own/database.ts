import { MortalProcess } from "../mortal_process.ts";
import { isListening, lastingPort } from "../ports.ts";
import { ExternalProcess } from "./external_process.ts";
import { findProgram } from "./find_program.ts";

/** A server of MongoDB's protocol that is installed. */
export interface DatabaseProgram {
  /** Its path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: (port: number, directory: string) => readonly string[];
}

/** How to start a database. */
export interface OwnDatabaseOptions {
  /** Which program. */
  readonly database: DatabaseProgram;
  /** Where it keeps its state. */
  readonly directory: string;
  /** Takes its lines. */
  readonly onLine: (line: string) => void;
}

/** A database that belongs to a run. */
export interface OwnDatabase {
  /** Its process. */
  readonly process: MortalProcess;
  /** Its address, without a database's name. */
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

/** Finds a server of MongoDB's protocol. */
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
  const port = lastingPort();
  const process = resources.use(
    new MortalProcess({
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

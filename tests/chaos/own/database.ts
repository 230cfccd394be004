import { freePort } from "../../fixture/ports.ts";
import type { StartComponent } from "../backing.ts";
import { findProgram, runAgain } from "./external_process.ts";

/** By program; SecantusDB is https://pypi.org/project/secantusdb/. */
const ARGUMENTS: Readonly<Record<string, (port: number, directory: string) => readonly string[]>> =
  {
    mongod: (port, directory) => [
      "--bind_ip=127.0.0.1",
      `--port=${port}`,
      `--dbpath=${directory}`,
      "--quiet",
    ],
    "secantusd-py": (port, directory) => [
      "--host=127.0.0.1",
      `--port=${port}`,
      `--storage-path=${directory}`,
      "--cache-size=64M",
      "--log-level=WARNING",
    ],
  };

/** A database of which a program is installed here; `undefined` where none is. */
export async function findDatabase(): Promise<StartComponent | undefined> {
  for (const [name, argumentsFor] of Object.entries(ARGUMENTS)) {
    const program = await findProgram(name);
    if (program === undefined) continue;
    return async ({ component, directory, onLine, resources }) => {
      await Deno.mkdir(directory, { recursive: true });
      const port = freePort();
      const run = {
        name: component,
        program,
        args: argumentsFor(port, directory),
        onLine: (line: string) => onLine(component, line),
      };
      const process = resources.use(runAgain(run, port));
      return { variables: { MONGODB_URL: `mongodb://127.0.0.1:${port}` }, processes: [process] };
    };
  }
  return undefined;
}

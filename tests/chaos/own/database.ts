import { freePort } from "../../fixture/ports.ts";
import type { StartComponent } from "../backing.ts";
import { findProgram, runAgain } from "./external_process.ts";

/** The options of a port and a folder, by program; SecantusDB is https://pypi.org/project/secantusdb/. */
const PROGRAMS = {
  mongod: ["--bind_ip=127.0.0.1", "--quiet", "--port", "--dbpath"],
  "secantusd-py": ["--host=127.0.0.1", "--log-level=WARNING", "--port", "--storage-path"],
} as const;

/** A database of which a program is installed here; `undefined` where none is. */
export async function findDatabase(): Promise<StartComponent | undefined> {
  for (const [name, [host, quiet, portFlag, folderFlag]] of Object.entries(PROGRAMS)) {
    const program = await findProgram(name);
    if (program === undefined) continue;
    return async ({ component, directory, onLine, resources }) => {
      await Deno.mkdir(directory, { recursive: true });
      const port = freePort();
      const args = [host, quiet, `${portFlag}=${port}`, `${folderFlag}=${directory}`];
      const tell = (line: string) => onLine(component, line);
      const run = { name: component, program, args, onLine: tell };
      const process = resources.use(runAgain(run, port));
      return { variables: { MONGODB_URL: `mongodb://127.0.0.1:${port}` }, processes: [process] };
    };
  }
  return undefined;
}

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Opens the SQLite store of a stand-in.
 *
 * A write is on its way to the disk before the call returns, so that the death of the process loses nothing that was
 * acknowledged. `synchronous=NORMAL` means that a power cut may lose the last moments: right for a playground, at a
 * fraction of the cost of `FULL` (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export function openStore(
  name: string,
  stateDirectory: string | undefined,
  schema: string,
): DatabaseSync {
  if (stateDirectory !== undefined) {
    Deno.mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  }
  const path = stateDirectory === undefined ? ":memory:" : join(stateDirectory, `${name}.sqlite`);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;");
  database.exec(schema);
  return database;
}

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { privateFile, privateFolder } from "@playground/tasks/private-state";

/**
 * Opens the SQLite store of a stand-in.
 *
 * A write is handed to the operating system before the call returns, so that a crash of the process loses nothing acknowledged.
 * `synchronous=NORMAL` means that a power cut may lose the last moments: right for a playground, at a fraction of the cost of
 * `FULL` (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export function openStore(
  name: string,
  stateDirectory: string | undefined,
  schema: string,
): DatabaseSync {
  const database = new DatabaseSync(
    stateDirectory === undefined ? ":memory:" : storePath(name, stateDirectory),
  );
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;");
  database.exec(schema);
  return database;
}

/** Commits what `work` writes when it returns, and nothing when it throws. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk may have ended the transaction already (https://www.sqlite.org/lang_transaction.html).
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * The file of a store. SQLite creates its sibling files with the same permissions; existing ones of a killed process keep theirs.
 */
function storePath(name: string, stateDirectory: string): string {
  privateFolder(stateDirectory);
  const file = `${name}.sqlite`;
  const left = [...Deno.readDirSync(stateDirectory)].map((entry) => entry.name);
  for (const own of [file, ...left.filter((other) => other.startsWith(`${file}-`))]) {
    privateFile(join(stateDirectory, own));
  }
  return join(stateDirectory, file);
}

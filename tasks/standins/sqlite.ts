import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { privateFile, privateFolder } from "@playground/tasks/private-state";

/** How long a start waits for the stand-ins of a killed launcher to end. */
const LOCK_TIMEOUT_MS = 3_000;

/**
 * A write is handed to the operating system before the call returns, so that a crash of the process loses nothing acknowledged.
 * `synchronous=NORMAL` means that a power cut may lose the last moments: right for a playground, at a fraction of the cost of
 * `FULL` (https://www.sqlite.org/pragma.html#pragma_synchronous).
 */
export class SqliteStore extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>();

  constructor(name: string, stateDirectory: string | undefined, schema: string) {
    const path = stateDirectory === undefined ? ":memory:" : storePath(name, stateDirectory);
    super(path, { timeout: LOCK_TIMEOUT_MS });
    try {
      this.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;");
      this.exec(schema);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : cause;
      throw new Error(
        `Cannot open the state in ${path}: ${reason}; make room on the disk, or delete the file to begin anew`,
        { cause },
      );
    }
  }

  /** A statement, which is prepared once. */
  sql(text: string): StatementSync {
    return this.#statements.getOrInsertComputed(text, () => this.prepare(text));
  }

  /** Commits what `work` writes when it returns, and nothing when it throws. */
  inTransaction<Result>(work: () => Result): Result {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk may have ended the transaction already (https://www.sqlite.org/lang_transaction.html).
      if (this.isTransaction) this.exec("ROLLBACK");
      throw error;
    }
  }
}

/** SQLite gives its sibling files the same permissions; those that a killed process left keep theirs. */
function storePath(name: string, stateDirectory: string): string {
  privateFolder(stateDirectory);
  const file = `${name}.sqlite`;
  const left = [...Deno.readDirSync(stateDirectory)].map((entry) => entry.name);
  for (const own of [file, ...left.filter((other) => other.startsWith(`${file}-`))]) {
    privateFile(join(stateDirectory, own));
  }
  return join(stateDirectory, file);
}

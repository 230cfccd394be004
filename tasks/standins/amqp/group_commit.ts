import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { clearImmediate, setImmediate } from "node:timers";

/**
 * One transaction for everything that arrives in one turn of the event loop, and the rule that makes the broker safe: no byte
 * leaves it before the state that it reports is committed.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #onFailure: (error: unknown) => void;
  readonly #waiting = new Set<() => void>();
  #isOpen = false;
  #hasFailed = false;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(database: DatabaseSync, onFailure: (error: unknown) => void) {
    this.#database = database;
    this.#onFailure = onFailure;
  }

  write(statement: StatementSync, ...parameters: SQLInputValue[]): void {
    this.#attempt(() => {
      if (!this.#isOpen) this.#database.exec("BEGIN");
      this.#isOpen = true;
      statement.run(...parameters);
    });
    this.#schedule();
  }

  /** Calls `flush`, once, when this turn's transaction, if there is one, is committed. */
  afterCommit(flush: () => void): void {
    this.#waiting.add(flush);
    this.#schedule();
  }

  /** Commits and flushes now rather than at the end of the turn. */
  commit(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#attempt(() => {
      if (this.#isOpen) this.#database.exec("COMMIT");
      this.#isOpen = false;
    });
    const flushes = [...this.#waiting];
    this.#waiting.clear();
    if (this.#hasFailed) return;
    for (const flush of flushes) flush();
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => this.commit());
  }

  #attempt(action: () => void): void {
    if (this.#hasFailed) return;
    try {
      action();
    } catch (error) {
      this.#hasFailed = true;
      this.#onFailure(error);
    }
  }
}

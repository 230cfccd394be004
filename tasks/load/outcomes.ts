import type { ArchiveCounter } from "@playground/tasks/clients/archive";
import type { QueueCounter } from "@playground/tasks/clients/broker";

/** What became of the accepted emails; a figure that nobody can tell is `undefined`. */
export interface OutcomeFigures {
  readonly archived?: number;
  readonly deadLettered?: number;
  /** How many wait in a queue. */
  readonly waiting?: number;
}

/** Who tells what became of the emails. One that is missing could not be reached at the start. */
interface OutcomeSources {
  readonly archive?: Pick<ArchiveCounter, "estimate" | "exact"> | undefined;
  readonly queues?: Pick<QueueCounter, "estimate" | "deadLettered"> | undefined;
}

/** Keeps the last known figures: a database that is down for a moment, perhaps on purpose, is no reason to end. */
export class Outcomes {
  readonly #sources: OutcomeSources;
  readonly #problems = new Map<keyof OutcomeSources, string>();
  #figures: OutcomeFigures = {};

  constructor(sources: OutcomeSources) {
    this.#sources = sources;
  }

  get figures(): OutcomeFigures {
    return this.#figures;
  }

  /** Why a source could not be asked at the last attempt. */
  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  /** Asks for what is quickly told, other people's emails included. */
  async estimate(): Promise<void> {
    const { archive, queues } = this.#sources;
    await Promise.all([
      this.#ask("archive", archive, async (counter) => ({ archived: await counter.estimate() })),
      this.#ask("queues", queues, (counter) => counter.estimate()),
    ]);
  }

  /** Counts the emails of the run alone, which takes a while. */
  async exact(): Promise<void> {
    const { archive, queues } = this.#sources;
    let deadLettered: ReadonlySet<string> | undefined;
    await this.#ask("queues", queues, async (counter) => {
      const { waiting } = await counter.estimate();
      deadLettered = await counter.deadLettered();
      return { waiting, deadLettered: deadLettered.size };
    });
    await this.#ask("archive", archive, async (counter) => ({
      archived: await counter.exact(deadLettered),
    }));
  }

  async #ask<Source>(
    name: keyof OutcomeSources,
    source: Source | undefined,
    ask: (source: Source) => Promise<OutcomeFigures>,
  ): Promise<void> {
    if (source === undefined) return;
    try {
      const answer = await ask(source);
      this.#figures = { ...this.#figures, ...answer };
      this.#problems.delete(name);
    } catch (error) {
      this.#problems.set(name, error instanceof Error ? error.message : String(error));
    }
  }
}

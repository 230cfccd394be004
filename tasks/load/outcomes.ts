import type { ArchiveCounter } from "@playground/tasks/clients/archive";
import type { QueueCounter } from "@playground/tasks/clients/broker";

/** How the accepted emails ended; an unknown figure is `undefined`. */
export interface OutcomeFigures {
  readonly archived?: number;
  readonly deadLettered?: number;
  /** How many wait in a queue. */
  readonly waiting?: number;
}

/** The sources of the figures. A missing one was unreachable at the start. */
interface OutcomeSources {
  readonly archive?: Pick<ArchiveCounter, "estimate" | "exact"> | undefined;
  readonly queues?: Pick<QueueCounter, "estimate" | "deadLettered"> | undefined;
}

/** Keeps the last known figures: a short outage of the database, perhaps on purpose, does not end the run. */
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

  /** Why the last attempt to ask a source failed. */
  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  /** Asks for the quick figures, which include other people's emails. */
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

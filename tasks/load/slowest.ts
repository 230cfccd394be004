/** Something, and how long it took. */
export interface Timed<Item> {
  /** Milliseconds. */
  readonly durationMs: number;
  /** What took so long. */
  readonly item: Item;
}

/** Keeps the few that took longest. */
export class Slowest<Item> {
  readonly #size: number;
  #items: readonly Timed<Item>[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** The slowest ones so far, the slowest first. */
  get items(): readonly Timed<Item>[] {
    return this.#items;
  }

  /** Offers one. */
  offer(durationMs: number, item: Item): void {
    const last = this.#items.at(this.#size - 1);
    if (last !== undefined && last.durationMs >= durationMs) return;
    this.#items = [...this.#items, { durationMs, item }]
      .toSorted((a, b) => b.durationMs - a.durationMs)
      .slice(0, this.#size);
  }
}

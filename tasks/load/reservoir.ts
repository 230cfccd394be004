/**
 * A random sample of a stream whose length nobody knows: each item is in it with the same probability, and it never holds more
 * than its size (Vitter's algorithm R, https://doi.org/10.1145/3147.3165).
 */
export class Reservoir<Item> {
  readonly #size: number;
  readonly #random: () => number;
  readonly #items: Item[] = [];
  #seen = 0;

  constructor(size: number, random: () => number = Math.random) {
    this.#size = size;
    this.#random = random;
  }

  /** The items that are in the sample now. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** Offers an item. */
  offer(item: Item): void {
    this.#seen++;
    const place = this.#items.length < this.#size
      ? this.#items.length
      : Math.floor(this.#random() * this.#seen);
    if (place < this.#size) this.#items[place] = item;
  }
}

import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { mersenne } from "pure-rand/generator/mersenne";

/** Random numbers that are the same whenever the seed is: a run can be repeated. Not for secrets. */
export class SeededRandom {
  readonly #generator: ReturnType<typeof mersenne>;

  constructor(seed: number) {
    this.#generator = mersenne(seed);
  }

  next(): number {
    return uniformFloat64(this.#generator);
  }

  between(minimum: number, maximum: number): number {
    return uniformInt(this.#generator, minimum, maximum);
  }

  pick<Item>(items: readonly Item[]): Item {
    const [item] = items.slice(this.between(0, items.length - 1));
    if (item === undefined) throw new RangeError("Cannot pick: there is nothing to pick from");
    return item;
  }

  /** The same things in another order. */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    return items.flatMap(() => left.splice(this.between(0, left.length - 1), 1));
  }
}

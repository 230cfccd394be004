import { definitionOf, FAULT_NAMES, type FaultName, type FaultValue } from "./catalogue.ts";
import { type Fault, FAULT_PARTS, type FaultPart, type FaultSetting } from "./fault.ts";
import { checkSetting } from "./setting.ts";

/** Time, as the faults need it. */
interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once. The returned function takes that back. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** How to make {@linkcode Faults}. */
export interface FaultsOptions {
  /** The parts that are there to fail. @default all */
  readonly parts?: readonly FaultPart[];
  /** When faults end. @default the clock of this machine */
  readonly clock?: Clock;
  /** A number from 0 to below 1, for the probability. @default `Math.random` */
  readonly random?: () => number;
}

/** What came of setting a fault. */
export type SetResult =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly problem: string };

interface Setting {
  readonly value: string | null;
  readonly probability: number;
  readonly endsAtMs: number | undefined;
  readonly cancelEnd: () => void;
  hitCount: number;
}

type ChangeListener = (name: FaultName) => void;

/** The faults that are on, and how often each has struck. Disposing it ends them all, and whatever they hold up. */
export class Faults implements Disposable {
  readonly #parts: readonly FaultPart[];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #settings = new Map<FaultName, Setting>();
  readonly #listeners = new Set<ChangeListener>();

  constructor(options: FaultsOptions = {}) {
    this.#parts = options.parts ?? FAULT_PARTS;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#random = options.random ?? Math.random;
  }

  /** The faults of the parts that are there, in the order of the catalogue. */
  list(): readonly Fault[] {
    return FAULT_NAMES.filter((name) => this.has(name)).map((name) => this.describe(name));
  }

  /** Tells whether the part of a fault is there. */
  has(name: FaultName): boolean {
    return this.#parts.includes(definitionOf(name).part);
  }

  /** A fault with its state. */
  describe(name: FaultName): Fault {
    const setting = this.#current(name);
    return {
      name,
      ...definitionOf(name),
      active: setting === undefined ? null : {
        value: setting.value,
        probability: setting.probability,
        endsAt: setting.endsAtMs === undefined ? null : new Date(setting.endsAtMs).toISOString(),
        hitCount: setting.hitCount,
      },
    };
  }

  /** Switches a fault on, or changes one that is; it counts from zero. */
  set(name: FaultName, wanted: FaultSetting = {}): SetResult {
    const checked = checkSetting(definitionOf(name).parameter, wanted);
    if (!checked.ok) return checked;
    const { value, probability, forMs } = checked;
    this.#settings.get(name)?.cancelEnd();
    this.#settings.set(name, {
      value,
      probability,
      endsAtMs: forMs === undefined ? undefined : this.#clock.now() + forMs,
      cancelEnd: forMs === undefined
        ? () => {}
        : this.#clock.schedule(() => this.clear(name), forMs),
      hitCount: 0,
    });
    this.#tell(name);
    return { ok: true, fault: this.describe(name) };
  }

  /** Switches a fault off; no matter if it is. */
  clear(name: FaultName): Fault {
    const setting = this.#settings.get(name);
    setting?.cancelEnd();
    this.#settings.delete(name);
    if (setting !== undefined) this.#tell(name);
    return this.describe(name);
  }

  /** Switches every fault off. */
  clearAll(): void {
    for (const name of [...this.#settings.keys()]) this.clear(name);
  }

  /** The value of a fault that is on; unlike {@linkcode hit} it throws no dice and counts nothing. */
  valueOf<Name extends FaultName>(name: Name): FaultValue<Name> | undefined {
    const setting = this.#current(name);
    if (setting === undefined) return undefined;
    const isInteger = definitionOf(name).parameter?.type === "integer";
    const value = isInteger ? Number(setting.value) : setting.value ?? true;
    // The setting was checked against the parameter that the type is derived from.
    return value as FaultValue<Name>;
  }

  /** Asks whether a fault strikes now, at a moment where it could. This is the question that the stand-ins ask. */
  hit<Name extends FaultName>(name: Name): FaultValue<Name> | undefined {
    const setting = this.#current(name);
    if (setting === undefined || this.#random() >= setting.probability) return undefined;
    setting.hitCount++;
    return this.valueOf(name);
  }

  /**
   * Holds something up if a fault strikes: for so many milliseconds as its parameter says, for ever where it has none. The end of
   * the fault ends that too.
   */
  holdUp(name: FaultName, signal?: AbortSignal): Promise<void> | undefined {
    const value = this.hit(name);
    if (value === undefined || signal?.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = typeof value === "number" ? this.#clock.schedule(resolve, value) : () => {};
    const letGo = () => resolve();
    const unsubscribe = this.onChange((changed) => {
      if (changed === name && this.#current(name) === undefined) resolve();
    });
    signal?.addEventListener("abort", letGo, { once: true });
    return promise.finally(() => {
      cancel();
      unsubscribe();
      signal?.removeEventListener("abort", letGo);
    });
  }

  /** Tells a stand-in whose clients have to learn of it that a fault was set, cleared, or has ended. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all faults. */
  [Symbol.dispose](): void {
    this.clearAll();
  }

  /** The setting, unless its time is over and the timer is only late. */
  #current(name: FaultName): Setting | undefined {
    const setting = this.#settings.get(name);
    const isOver = setting?.endsAtMs !== undefined && setting.endsAtMs <= this.#clock.now();
    return isOver ? undefined : setting;
  }

  #tell(name: FaultName): void {
    for (const listener of [...this.#listeners]) listener(name);
  }
}

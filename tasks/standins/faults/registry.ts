import { definitionOf, FAULT_NAMES, type FaultName, type FaultValue } from "./catalogue.ts";
import {
  type Fault,
  FAULT_PARTS,
  type FaultParameter,
  type FaultPart,
  type FaultSetting,
} from "./fault.ts";

/** The outcome of setting a fault. */
export type SetResult =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly problem: string };

interface SetOptions {
  /** Whether the list shows it as off, for a mystery. @default false */
  readonly isHidden?: boolean;
}

interface Setting {
  active: NonNullable<Fault["active"]>;
  readonly isHidden: boolean;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

/** A promise that it returns settles when the change has taken effect. */
type ChangeListener = (name: FaultName) => unknown;

/** The faults that are on, and how often each has struck. Disposing it ends them all, and releases everything they hold up. */
export class Faults implements Disposable {
  readonly #parts: readonly FaultPart[];
  readonly #settings = new Map<FaultName, Setting>();
  readonly #listeners = new Set<ChangeListener>();
  #applied: Promise<void> = Promise.resolve();

  /** @param parts The running parts. */
  constructor(parts: readonly FaultPart[] = FAULT_PARTS) {
    this.#parts = parts;
  }

  /** The faults of the running parts, in the order of the catalogue. */
  list(): readonly Fault[] {
    return FAULT_NAMES.filter((name) => this.has(name)).map((name) => this.describe(name));
  }

  /** Whether the part of a fault runs. */
  has(name: FaultName): boolean {
    return this.#parts.includes(definitionOf(name).part);
  }

  /** A fault with its state. */
  describe(name: FaultName): Fault {
    const setting = this.#settings.get(name);
    const active = setting === undefined || setting.isHidden ? null : setting.active;
    return { name, ...definitionOf(name), active };
  }

  /** Switches a fault on or changes it; its count restarts from zero. */
  set(
    name: FaultName,
    { value: wanted, probability = 1, forMs }: FaultSetting = {},
    { isHidden = false }: SetOptions = {},
  ): SetResult {
    const { parameter } = definitionOf(name);
    const value = wanted ?? (parameter === null ? null : String(parameter.default));
    const problem = problemWith(parameter, value);
    if (problem !== undefined) return { ok: false, problem };
    clearTimeout(this.#settings.get(name)?.timer);
    this.#settings.set(name, {
      active: {
        value,
        probability,
        endsAt: forMs === undefined ? null : new Date(Date.now() + forMs).toISOString(),
        hitCount: 0,
      },
      isHidden,
      timer: forMs === undefined ? undefined : setTimeout(() => this.clear(name), forMs),
    });
    this.#tell(name);
    return { ok: true, fault: this.describe(name) };
  }

  /** Switches a fault off, if it is on. */
  clear(name: FaultName): Fault {
    clearTimeout(this.#settings.get(name)?.timer);
    if (this.#settings.delete(name)) this.#tell(name);
    return this.describe(name);
  }

  clearAll(): void {
    for (const name of [...this.#settings.keys()]) this.clear(name);
  }

  /** The value of a fault that is on; unlike {@linkcode hit} it throws no dice and counts nothing. */
  valueOf<Name extends FaultName>(name: Name): FaultValue<Name> | undefined {
    const setting = this.#settings.get(name);
    if (setting === undefined) return undefined;
    const { value: text } = setting.active;
    const isInteger = definitionOf(name).parameter?.type === "integer";
    const value = isInteger ? Number(text) : text ?? true;
    // The setting was checked against the parameter from which the type is derived.
    return value as FaultValue<Name>;
  }

  /** Whether a fault strikes now. The stand-ins call this wherever it could. */
  hit<Name extends FaultName>(name: Name): FaultValue<Name> | undefined {
    const setting = this.#settings.get(name);
    if (setting === undefined || Math.random() >= setting.active.probability) return undefined;
    const { hitCount } = setting.active;
    setting.active = { ...setting.active, hitCount: hitCount + 1 };
    return this.valueOf(name);
  }

  /** Holds something up if a fault strikes: until the fault ends, at most for its parameter in milliseconds. */
  holdUp(name: FaultName, signal?: AbortSignal): Promise<void> | undefined {
    const value = this.hit(name);
    if (value === undefined || signal?.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const letGo = () => resolve();
    const timer = typeof value === "number" ? setTimeout(letGo, value) : undefined;
    const unsubscribe = this.onChange((changed) => {
      if (changed === name && !this.#settings.has(name)) resolve();
    });
    signal?.addEventListener("abort", letGo, { once: true });
    return promise.finally(() => {
      clearTimeout(timer);
      unsubscribe();
      signal?.removeEventListener("abort", letGo);
    });
  }

  /** Notifies a stand-in of each fault that is set, cleared, or ends, so that it can inform its clients. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Settles when the last change has taken effect. */
  get applied(): Promise<void> {
    return this.#applied;
  }

  [Symbol.dispose](): void {
    this.clearAll();
  }

  #tell(name: FaultName): void {
    const effects = [...this.#listeners].map((listener) => listener(name));
    this.#applied = Promise.all([this.#applied, ...effects]).then(() => {});
  }
}

function problemWith(parameter: FaultParameter | null, value: string | null): string | undefined {
  if (parameter === null) {
    return value === null ? undefined : "it takes no value; leave that out";
  }
  const given = JSON.stringify(value);
  if (parameter.type === "choice") {
    return value !== null && parameter.choices.includes(value)
      ? undefined
      : `${given} is not one of its values; give one of ${parameter.choices.join(", ")}`;
  }
  const { minimum, maximum, unit } = parameter;
  const number = value !== null && /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  return number >= minimum && number <= maximum
    ? undefined
    : `${given} is not a whole number from ${minimum} to ${maximum} (${unit}); give one`;
}

import { type Context, createContextKey } from "@opentelemetry/api";

const TAIL_SAMPLING = createContextKey("tail sampling");

/**
 * Decides on a span only when it is over: the spans within it are held back until one of them is worth reporting. If none is, they
 * are never ended, hence never exported.
 */
export class TailSampling {
  readonly #ends: (() => void)[] = [];
  #isKept = false;

  /** The sampling that {@linkcode within} put into this context or into one above it. */
  static of(context: Context): TailSampling | undefined {
    const sampling = context.getValue(TAIL_SAMPLING);
    return sampling instanceof TailSampling ? sampling : undefined;
  }

  get isKept(): boolean {
    return this.#isKept;
  }

  within(context: Context): Context {
    return context.setValue(TAIL_SAMPLING, this);
  }

  /** Calls `end` once the spans are to be kept. */
  endIfKept(end: () => void): void {
    if (this.#isKept) end();
    else this.#ends.push(end);
  }

  keep(): void {
    this.#isKept = true;
    for (const end of this.#ends.splice(0)) end();
  }
}

import { type Context, createContextKey } from "@opentelemetry/api";

const TAIL_SAMPLING = createContextKey("tail sampling");

/**
 * Decides on a span only when it is over: spans within it are held back until one of them is worth reporting.
 * The others are never ended, and so never exported.
 */
export class TailSampling {
  readonly #ends: (() => void)[] = [];
  #isKept = false;

  /** The one that {@linkcode within} put into this context or into one above it. */
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

  /** Calls `end` once it is decided that the spans are kept. */
  endIfKept(end: () => void): void {
    if (this.#isKept) end();
    else this.#ends.push(end);
  }

  keep(): void {
    this.#isKept = true;
    for (const end of this.#ends.splice(0)) end();
  }
}

import { type Context, createContextKey } from "@opentelemetry/api";

const HELD_SPANS = createContextKey("held spans");

/** Spans that are over, but are seen only once something happens that makes them worth it. */
export class HeldSpans {
  readonly #ends: (() => void)[] = [];
  #isReleased = false;

  /**
   * Finds the spans that are held back within a context.
   *
   * @param context A context.
   * @returns What {@linkcode within} put into it or into one above it.
   */
  static of(context: Context): HeldSpans | undefined {
    const held = context.getValue(HELD_SPANS);
    return held instanceof HeldSpans ? held : undefined;
  }

  /** Whether something was worth it. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /**
   * Makes this the place where spans are held back.
   *
   * @param context A context.
   * @returns The context with this in it.
   */
  within(context: Context): Context {
    return context.setValue(HELD_SPANS, this);
  }

  /**
   * Holds a span back until the release; after it, ends the span at once.
   *
   * @param end Ends the span.
   */
  hold(end: () => void): void {
    if (this.#isReleased) end();
    else this.#ends.push(end);
  }

  /** Ends all spans that were held back. */
  release(): void {
    this.#isReleased = true;
    for (const end of this.#ends.splice(0)) end();
  }
}

/** Something that a stream tells. */
export interface LiveEvent {
  /** What it is about. */
  readonly name: string;
  /** JSON. */
  readonly data: string;
}

/**
 * The events that one stream has not yet sent. Of each name it keeps the newest only: a reader that is slow misses what has
 * changed again meanwhile, and takes no memory.
 */
export class Outbox {
  readonly #pending = new Map<string, string>();
  #isClosed = false;
  #wake = () => {};

  /** Puts an event in; after the end it is dropped. */
  put({ name, data }: LiveEvent): void {
    if (this.#isClosed) return;
    this.#pending.set(name, data);
    this.#wake();
  }

  /** Ends it: who waits for events is told, and what is pending is dropped. */
  close(): void {
    this.#isClosed = true;
    this.#pending.clear();
    this.#wake();
  }

  /** Takes all events out, as soon as there is one. */
  async take(): Promise<readonly LiveEvent[] | undefined> {
    if (this.#pending.size === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#isClosed) return undefined;
    const events = [...this.#pending].map(([name, data]) => ({ name, data }));
    this.#pending.clear();
    return events;
  }
}

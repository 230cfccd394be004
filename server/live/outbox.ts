export interface LiveEvent {
  readonly name: string;
  /** Encoded for the stream; the same bytes for all streams. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

/** An event (https://html.spec.whatwg.org/#server-sent-events) whose data is JSON, hence one line. */
export function liveEvent(name: string, value: object): LiveEvent {
  return { name, bytes: encoder.encode(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`) };
}

/** A comment, which only keeps the stream alive. */
export function liveComment(name: string): LiveEvent {
  return { name, bytes: encoder.encode(`: ${name}\n\n`) };
}

/**
 * The events that one stream has not yet sent. It keeps only the newest of each name: a slow reader misses intermediate states,
 * and takes no memory.
 */
export class Outbox {
  readonly #pending = new Map<string, LiveEvent>();
  #isClosed = false;
  #wake = () => {};

  /** Adds an event; after the end it is dropped. */
  put(event: LiveEvent): void {
    if (this.#isClosed) return;
    this.#pending.set(event.name, event);
    this.#wake();
  }

  has(name: string): boolean {
    return this.#pending.has(name);
  }

  /** Ends it: drops pending events and wakes the waiting reader. */
  close(): void {
    this.#isClosed = true;
    this.#pending.clear();
    this.#wake();
  }

  /** Takes the oldest event, as soon as there is one; `undefined` at the end. */
  async take(): Promise<LiveEvent | undefined> {
    if (this.#pending.size === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const [event] = this.#pending.values();
    if (event !== undefined) this.#pending.delete(event.name);
    return event;
  }
}

export interface LiveEvent {
  readonly name: string;
  /** As it stands in the stream; the same bytes for all streams. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

/** An event (https://html.spec.whatwg.org/#server-sent-events) whose data is JSON, hence one line. */
export function liveEvent(name: string, value: object): LiveEvent {
  return { name, bytes: encoder.encode(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`) };
}

/** A comment, which says nothing but that the stream lives. */
export function liveComment(name: string): LiveEvent {
  return { name, bytes: encoder.encode(`: ${name}\n\n`) };
}

/**
 * The events that one stream has not yet sent. Of each name it keeps the newest only: a reader that is slow misses what has
 * changed again meanwhile, and takes no memory.
 */
export class Outbox {
  readonly #pending = new Map<string, LiveEvent>();
  #isClosed = false;
  #wake = () => {};

  /** Puts an event in; after the end it is dropped. */
  put(event: LiveEvent): void {
    if (this.#isClosed) return;
    this.#pending.set(event.name, event);
    this.#wake();
  }

  has(name: string): boolean {
    return this.#pending.has(name);
  }

  /** Ends it: drops what is pending and wakes whoever waits. */
  close(): void {
    this.#isClosed = true;
    this.#pending.clear();
    this.#wake();
  }

  /** Takes the oldest event out, as soon as there is one; none at the end. */
  async take(): Promise<LiveEvent | undefined> {
    if (this.#pending.size === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const [event] = this.#pending.values();
    if (event !== undefined) this.#pending.delete(event.name);
    return event;
  }
}

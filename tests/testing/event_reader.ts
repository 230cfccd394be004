/** How long to wait for an event. */
const TIMEOUT_MS = 30_000;

/** Reads a stream of server-sent events, as the page does: with `fetch`. */
export class EventReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #latest = new Map<string, unknown>();
  readonly #reading: Promise<void>;
  #onEvent = () => {};

  private constructor(reader: ReadableStreamDefaultReader<string>) {
    this.#reader = reader;
    this.#reading = this.#read();
  }

  /**
   * Opens a stream.
   *
   * @throws {Error} If there is no stream.
   */
  static async open(url: URL): Promise<EventReader> {
    const response = await fetch(url);
    if (!response.ok || response.body === null) {
      throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    }
    return new EventReader(response.body.pipeThrough(new TextDecoderStream()).getReader());
  }

  /** Resolves when the server has ended the stream. */
  get ended(): Promise<void> {
    return this.#reading;
  }

  /** The event of a name that came last. */
  latest(name: string): unknown {
    return this.#latest.get(name);
  }

  /**
   * Waits for an event.
   *
   * @throws {Error} If it does not come in time.
   */
  async until(name: string, isReached: (data: unknown) => boolean): Promise<unknown> {
    const giveUp = Promise.withResolvers<never>();
    const timer = setTimeout(
      () =>
        giveUp.reject(
          new Error(`No such event; the last ${name} was ${JSON.stringify(this.latest(name))}`),
        ),
      TIMEOUT_MS,
    );
    try {
      for (;;) {
        const next = new Promise<void>((resolve) => this.#onEvent = resolve);
        if (this.#latest.has(name) && isReached(this.latest(name))) return this.latest(name);
        await Promise.race([next, giveUp.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Goes away. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
    await this.#reading;
  }

  async #read(): Promise<void> {
    let text = "";
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      const parts = (text + value).split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const { name = "", data = "" } = part.match(/^event: (?<name>\w+)\ndata: (?<data>.*)$/)
          ?.groups ?? {};
        if (name !== "") this.#latest.set(name, JSON.parse(data));
      }
      this.#onEvent();
    }
  }
}

/**
 * A TCP proxy on loopback whose operator can do to a connection what networks and brokers do: cut it, say nothing more, or say
 * something of its own.
 */
export class TcpProxy implements AsyncDisposable {
  /** How many clients have connected so far. */
  connectionCount = 0;
  readonly #upstream: Deno.ConnectOptions;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Map<Deno.Conn, WritableStreamDefaultWriter<Uint8Array>>();
  readonly #tasks = new Set<Promise<void>>();
  #frozen = false;
  #refusing = false;
  #delayMs = 0;

  /** Starts to listen on a free port. */
  constructor(upstream: Deno.ConnectOptions) {
    this.#upstream = upstream;
    this.#track(this.#accept());
  }

  /** The port that it listens on. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Cuts all connections. */
  cut(): void {
    for (const connection of [...this.#open.keys()]) close(connection);
  }

  /** Cuts all connections, and each new one as soon as it is open. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Lets new connections pass again. */
  accept(): void {
    this.#refusing = false;
  }

  /** Swallows all that the upstream says from now on. */
  freeze(): void {
    this.#frozen = true;
  }

  /** Lets new connections pass again after {@linkcode freeze}; cuts the others, since what was swallowed is missing in them. */
  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    this.cut();
  }

  /** Holds back each piece of what the upstream says. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Says something to all clients in the upstream's place. */
  async inject(bytes: Uint8Array): Promise<void> {
    for (const writer of this.#open.values()) await writer.write(bytes);
  }

  /** Cuts all connections and listens no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await Promise.all(this.#tasks);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      this.connectionCount++;
      if (this.#refusing) close(client);
      else this.#track(this.#connect(client));
    }
  }

  async #connect(client: Deno.Conn): Promise<void> {
    const toClient = client.writable.getWriter();
    this.#open.set(client, toClient);
    const upstream = await Deno.connect(this.#upstream).catch(() => undefined);
    if (upstream === undefined) {
      this.#open.delete(client);
      return close(client);
    }
    const answers = new WritableStream<Uint8Array>({
      write: async (bytes) => {
        if (this.#delayMs > 0) await new Promise((done) => setTimeout(done, this.#delayMs));
        if (!this.#frozen) await toClient.write(bytes);
      },
    });
    // Whichever side ends first, or is cut, takes the other along.
    await Promise.race([
      client.readable.pipeTo(upstream.writable),
      upstream.readable.pipeTo(answers),
    ]).catch(() => {});
    this.#open.delete(client);
    close(client);
    close(upstream);
  }

  #track(task: Promise<void>): void {
    const tracked: Promise<void> = task.catch(() => {}).finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

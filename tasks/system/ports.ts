const PORTS_TO_TRY = 100;

/** Finds free ports; each is given once. */
export class PortFinder {
  readonly #hostname: string;
  readonly #given = new Set<number>();

  constructor(hostname: string) {
    this.#hostname = hostname;
  }

  /**
   * Keeps a port for a service that needs this very port.
   *
   * @throws {Error} If it is taken: the program that listens there would be asked whether our service is ready.
   */
  reserve(port: number): void {
    if (portIfFree(this.#hostname, port) === undefined) {
      throw new Error(
        `Cannot listen on port ${port}: it is taken; set PORT to a free port, or stop what uses it`,
      );
    }
    this.#given.add(port);
  }

  /**
   * Finds the usual port or one of the next hundred, for 0 any free port.
   *
   * @throws {Error} If all are taken.
   */
  find(usual: number): number {
    for (let offset = 0; offset < PORTS_TO_TRY; offset++) {
      const free = portIfFree(this.#hostname, usual === 0 ? 0 : usual + offset);
      if (free === undefined || this.#given.has(free)) continue;
      this.#given.add(free);
      return free;
    }
    throw new Error(
      `Cannot find a free port from ${usual} on; end some of the programs that listen there`,
    );
  }
}

/** The port if nobody listens there; for 0 any free one. */
export function portIfFree(hostname: string, port: number): number | undefined {
  try {
    using listener = Deno.listen({ hostname, port });
    return listener.addr.port;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

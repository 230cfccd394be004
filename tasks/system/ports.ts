const PORTS_TO_TRY = 100;

/**
 * Outgoing connections get ports from 32768 upwards (Linux) or 49152 upwards (RFC 6335 section 6). A lower port stays free until
 * its service starts, or starts again: not even a client that tries to reach the service gets it.
 */
const ANY = { first: 12_000, count: 18_000 } as const;

/** Finds free ports, and keeps each from the finders of other systems until it is disposed. */
export class PortFinder implements Disposable {
  readonly #hostname: string;
  readonly #kept = new DisposableStack();

  constructor(hostname: string) {
    this.#hostname = hostname;
  }

  /**
   * Keeps a port for a service that needs this very port.
   *
   * @throws {Error} If it is taken: the program that listens there would be asked whether our service is ready.
   */
  reserve(port: number): number {
    if (this.#keep(port)) return port;
    throw new Error(
      `Cannot listen on port ${port}: it is taken; set PORT to a free port, or stop what uses it`,
    );
  }

  /**
   * Finds the usual port or one of the next hundred, for 0 any free port.
   *
   * @throws {Error} If all are taken.
   */
  find(usual: number): number {
    for (let attempt = 0; attempt < PORTS_TO_TRY; attempt++) {
      const port = usual === 0 ? anyPort() : usual + attempt;
      if (this.#keep(port)) return port;
    }
    throw new Error(
      `Cannot find a free port from ${usual} on; end some of the programs that listen there`,
    );
  }

  [Symbol.dispose](): void {
    this.#kept.dispose();
  }

  /** Whether the port was free. Its service listens on TCP: the same port of UDP tells other finders that it is taken. */
  #keep(port: number): boolean {
    const hostname = this.#hostname;
    try {
      const datagrams = Deno.listenDatagram({ transport: "udp", hostname, port });
      this.#kept.defer(() => datagrams.close());
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) return false;
      throw error;
    }
    return portIfFree(hostname, port) !== undefined;
  }
}

function anyPort(): number {
  return ANY.first + Math.floor(Math.random() * ANY.count);
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

/**
 * Systems take the ports of outgoing connections from 32768 upwards (Linux) or 49152 upwards (RFC 6335 section 6). Below, a process
 * that was killed finds its port free when it is started again; even a client that tries to reach it meanwhile cannot have it.
 */
const PORTS = { first: 12_000, last: 29_999 } as const;
const ATTEMPTS = 100;

/**
 * Finds a port that nothing listens on and that no outgoing connection is given.
 *
 * @throws {Error} If there seems to be none.
 */
export function lastingPort(): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first + 1));
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(
    `Cannot find a free port from ${PORTS.first} to ${PORTS.last} in ${ATTEMPTS} attempts; stop what uses them`,
  );
}

/** Tells whether something listens on a port of loopback. */
export async function isListening(port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false; // It is being started.
  }
}

/**
 * Finds a port for a service that was given none.
 *
 * @param hostname The address that it will listen on.
 * @param usual The port that people expect; 0 for any.
 * @returns The usual port or the next free one above it.
 */
export function freePort(hostname: string, usual: number): number {
  for (let port = usual; port < usual + 100; port++) {
    try {
      using listener = Deno.listen({ hostname, port });
      return listener.addr.port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(
    `Cannot find a free port from ${usual} on; end some of the programs that listen there`,
  );
}

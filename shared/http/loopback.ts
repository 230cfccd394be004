const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Tells whether only this machine reaches what listens on a host.
 *
 * @param host The name or address to listen on.
 * @returns True for loopback.
 */
export function isLoopback(host: string): boolean {
  return LOOPBACK_HOSTS.has(host);
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** Tells whether only this machine reaches what listens on a host. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_HOSTS.has(withoutBrackets(host));
}

/** A host as sockets want it. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/**
 * Tells whether a request calls this machine by a name of its own, on whatever port. What listens on loopback and asks for no
 * token has to look at that: a web site could make its own name point here, and a visitor's browser would let it read all answers
 * (DNS rebinding).
 */
export function callsLoopback({ url }: Pick<Request, "url">): boolean {
  return isLoopback(calledHost({ url }));
}

/** The host that a request calls, without port, and without the brackets of an IPv6 address. */
export function calledHost({ url }: Pick<Request, "url">): string {
  return withoutBrackets(new URL(url).hostname);
}

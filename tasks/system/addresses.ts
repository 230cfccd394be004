/** What a scheme means where an address names no port. */
const USUAL_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  amqp: 5672,
  amqps: 5671,
  mongodb: 27017,
};

/** An address: its scheme, perhaps a user and a password, and one or several hosts. */
const ADDRESS = /^(?<scheme>[a-z+]+):\/\/(?:[^/?#]*@)?(?<hosts>[^/?#]*)/i;

/**
 * The hosts of a setting, with ports. A MongoDB address names several hosts
 * (https://www.mongodb.com/docs/manual/reference/connection-string/), `AMQP_URL` several addresses.
 */
export function hostsOf(setting: string): readonly string[] | "any" {
  const addresses = /^mongodb/i.test(setting) ? [setting] : setting.split(",");
  const matches = addresses.map((address) => ADDRESS.exec(address.trim())?.groups);
  if (matches.some((groups) => groups?.scheme?.toLowerCase() === "mongodb+srv")) return "any";
  return matches.flatMap((groups) => {
    const port = USUAL_PORTS[groups?.scheme?.toLowerCase() ?? ""];
    return (groups?.hosts ?? "").split(",").filter((host) => host !== "").map((host) =>
      /:\d+$/.test(host) ? host : `${host}:${port}`
    );
  });
}

/** Joins a host and a port, an IPv6 address in brackets (RFC 3986 section 3.2.2). */
export function hostWithPort(host: string, port: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * An address below a base address, whose path is kept: a collector may live at `https://example.com/zipkin-backend`.
 *
 * @param base The base address, with or without a slash at its end.
 * @param path The path below it, without a slash at its start.
 * @returns The address.
 */
export function underBase(base: URL, path: string): URL {
  return new URL(`${base.pathname.replace(/\/+$/, "")}/${path}`, base);
}

/**
 * The base address of Zipkin, also where the address that spans are posted to was given: the original's form ends in `/api/v1`,
 * that of other tools in `/api/v2/spans`.
 */
export function zipkinBase(address: string): string {
  return address.replace(/\/api\/v[12](?:\/spans)?\/?$/, "");
}

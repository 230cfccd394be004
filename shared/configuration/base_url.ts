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

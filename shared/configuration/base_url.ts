import { withoutCredentials } from "../http/url_credentials.ts";

/**
 * An address below a base address, whose path is kept: a collector may live at `https://example.com/zipkin-backend`. User and
 * password are left out: they are sent in a header and never shown.
 */
export function underBase(base: URL, path: string): URL {
  const { pathname } = base;
  return new URL(`${pathname.replace(/\/+$/, "")}/${path}`, withoutCredentials(base));
}

/**
 * The base address of Zipkin, also from an address that spans are posted to: the original's ends in `/api/v1`, other tools' in
 * `/api/v2/spans`.
 */
export function zipkinBase(address: string): string {
  return address.replace(/\/api\/v[12](?:\/spans)?\/?$/, "");
}

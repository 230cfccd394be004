/**
 * The address at which the page shows an email.
 *
 * ```ts
 * import { pageUrl } from "@playground/server/page-url";
 *
 * const { hash } = new URL(pageUrl("http://127.0.0.1:8080", "a2fb4a1d1a96d312", undefined));
 * console.log(hash); // "#trace=a2fb4a1d1a96d312"
 * ```
 *
 * @module
 */

/** Writes it, from any address of the message server. Without an email's id, it shows the one in the worst state. */
export function pageUrl(
  server: string | Readonly<URL>,
  traceId: string,
  emailId: string | undefined,
): string {
  const email = emailId === undefined ? "" : `&email=${emailId}`;
  const { origin } = typeof server === "string" ? new URL(server) : server;
  return `${origin}/#trace=${traceId}${email}`;
}

/**
 * The address at which the page shows an email, from any address of the message server. Without an email's id, it shows the one
 * in the worst state.
 */
export function pageUrl(
  server: string | Readonly<URL>,
  traceId: string,
  emailId: string | undefined,
): string {
  const email = emailId === undefined ? "" : `&email=${emailId}`;
  const { origin } = typeof server === "string" ? new URL(server) : server;
  return `${origin}/#trace=${traceId}${email}`;
}

/** The address without user and password, which may be shown, logged and traced. */
export function withoutCredentials(url: URL): URL {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown;
}

/** The header with an address's user and password, if any (RFC 7617). */
export function credentialHeaders({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${new TextEncoder().encode(credentials).toBase64()}` };
}

/**
 * A `fetch` that sends this address's user and password with each request; a request with its own `Authorization` keeps it. In a
 * URL they would end up in messages and spans.
 */
export function fetchWithCredentials(url: URL): typeof fetch {
  const own = Object.entries(credentialHeaders(url));
  if (own.length === 0) return fetch;
  return (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of own) if (!headers.has(name)) headers.set(name, value);
    return fetch(input, { ...init, headers });
  };
}

/** RFC 6750 section 2.1, with the characters of `b64token`. */
const CREDENTIALS = /^Bearer +(?<token>[A-Za-z0-9._~+/-]+=*) *$/i;

/** Tells whether a request carries a token. How long that takes tells nothing about the token. */
export async function hasBearerToken(headers: Headers, token: string): Promise<boolean> {
  const given = headers.get("authorization")?.match(CREDENTIALS)?.groups?.token;
  if (given === undefined) return false;
  const [left, right] = await Promise.all([digest(given), digest(token)]);
  // Digests are of equal length, and nobody can choose theirs byte by byte.
  return left.reduce((difference, byte, index) => difference | (byte ^ (right[index] ?? 0)), 0) ===
    0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

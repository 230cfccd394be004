/**
 * Tells whether a browser made a request for a page of another site (CSRF). Programs that are no browser send neither
 * `Sec-Fetch-Site` nor `Origin`. Browsers send the first; older ones, and all of them to a plain address elsewhere, the second only.
 */
export function isOfOtherSite({ headers, url }: Pick<Request, "headers" | "url">): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = headers.get("origin");
  // `null` is the origin of sandboxed frames. The scheme is not compared: a proxy may speak TLS for us.
  return origin !== null && URL.parse(origin)?.host !== new URL(url).host;
}

/** `uri-host [ ":" port ]` (RFC 9110 section 7.2), as far as `URL` does not look at it. */
const HOST = /^(?:\[[^\][/?#@\\]+\]|[^\][:/?#@\\\s]+)(?::\d*)?$/;

/**
 * Tells whether a request says whom it calls, as HTTP/1.1 demands (RFC 9112 section 3.2). Of one that does not, `Deno.serve` makes
 * a URL that nobody can parse, or one with a host or a path that nobody sent.
 */
export function hasValidHost({ url, headers }: Pick<Request, "url" | "headers">): boolean {
  const host = headers.get("host");
  // HTTP/2 has `:authority` in its place; where there is neither, Deno says localhost.
  if (host === null) return !/^http:\/\/localhost[:/]/.test(url);
  return HOST.test(host) && URL.canParse(`http://${host}/`) && URL.canParse(url);
}

import { createHash, timingSafeEqual } from "node:crypto";
import { requestUrl } from "./request_url.ts";

/** RFC 6750 section 2.1, with the characters of `b64token`. */
const CREDENTIALS = /^Bearer +(?<token>[A-Za-z0-9._~+/-]+=*) *$/i;

/** `uri-host [ ":" port ]` (RFC 9110 section 7.2), as far as `URL` does not check it. */
const HOST = /^(?:\[[^\][/?#@\\]+\]|[^\][:/?#@\\\s]+)(?::\d*)?$/;

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** Whether a request carries this bearer token, compared in constant time. */
export function hasBearerToken(headers: Headers, token: string): boolean {
  const given = headers.get("authorization")?.match(CREDENTIALS)?.groups?.token;
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/** The answer to a method other than GET and HEAD, for a path that only shows something. */
export function refuseMethod({ method }: Pick<Request, "method">): Response | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  return new Response("Cannot answer: this path takes GET and HEAD only; use GET\n", {
    status: 405,
    headers: { Allow: "GET, HEAD" },
  });
}

/** `timingSafeEqual()` needs equal lengths. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/**
 * Whether a request has a valid `Host`, as HTTP/1.1 demands (RFC 9112 section 3.2). Without one, `Deno.serve` makes a URL that
 * cannot be parsed, or one with a host or a path that was not sent.
 */
export function hasValidHost({ url, headers }: Pick<Request, "url" | "headers">): boolean {
  const host = headers.get("host");
  // HTTP/2 has `:authority` instead; without either, Deno uses localhost.
  if (host === null) return !/^http:\/\/localhost[:/]/.test(url);
  return HOST.test(host) && URL.canParse(`http://${host}/`) && URL.canParse(url);
}

/** Whether only this machine reaches what listens on a host; an IPv6 address may have brackets. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_HOSTS.has(withoutBrackets(host));
}

/** A host for sockets: an IPv6 address without its brackets. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/**
 * Whether a request calls this machine by its own name, on any port. A server on loopback without a token must check it: a web
 * site could make its name resolve to loopback, and a visitor's browser would let it read all answers (DNS rebinding).
 */
export function callsLoopback({ url }: Pick<Request, "url">): boolean {
  return isLoopback(calledHost({ url }));
}

/** The host that a request calls, in lower case, without port and brackets. */
export function calledHost({ url }: Pick<Request, "url">): string {
  return withoutBrackets(requestUrl({ url }).hostname);
}

/**
 * Whether a browser made a request for a page of another site (CSRF). Browsers send `Sec-Fetch-Site`; older browsers, and all
 * browsers that call another machine by plain HTTP, send only `Origin`. Other programs send neither.
 */
export function isOfOtherSite({ headers, url }: Pick<Request, "headers" | "url">): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = headers.get("origin");
  // `null` is the origin of sandboxed frames. The scheme is not compared: a proxy may speak TLS for us.
  return origin !== null && URL.parse(origin)?.host !== new URL(url).host;
}

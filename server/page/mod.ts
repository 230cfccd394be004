/**
 * The pages of the message server. `/` shows the journey of an email, a form that sends one, and Explore, which finds any. `/api`
 * shows the API.
 *
 * The server renders a shell ({@linkcode renderShell}) and serves the styles, the script and its libraries without a build step;
 * they are part of the program, so no file is read at run time. The script in `client/` begins at `main.js`, draws the page at
 * once, and follows the stream of events. The first paint waits for nothing.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import { compress } from "@hono/hono/compress";
import { etag } from "@hono/hono/etag";
import type { ApiDocument } from "../openapi/mod.ts";
import { renderApiPage } from "./api_page.ts";
import { ASSETS } from "./assets.ts";
import { renderShell } from "./shell.ts";

/**
 * The page may run its own script, use its own style, and talk to its own server. A shown mail is in a `srcdoc` frame, which
 * inherits this policy.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "frame-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** The pages; with faults to set (`/api/faults`), or without. */
export function createPage(hasFaults: boolean, api: ApiDocument): Hono {
  const page = new Hono();
  const serve = (path: string, contentType: string, text: string) =>
    page.get(path, compress(), etag(), (c) =>
      c.body(text, 200, {
        ...SECURITY_HEADERS,
        // A new version must not run with an old script.
        "Cache-Control": "no-cache",
        "Content-Type": `${contentType}; charset=utf-8`,
      }));
  serve("/", "text/html", renderShell(hasFaults));
  serve("/api", "text/html", renderApiPage(api));
  for (const { name, contentType, text } of ASSETS) serve(`/page/${name}`, contentType, text);
  return page;
}

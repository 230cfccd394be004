import { html } from "@hono/hono/html";
import { MAX_ADDRESS_OCTETS, MAX_SUBJECT_LENGTH } from "@playground/shared/email";
import { VERSION } from "@playground/shared/version";
import { TAGS } from "@playground/shared/tracing/catalogue";
import { FIRST_SCRIPTS, MAIN_SCRIPT, STYLE_SHEET_NAMES } from "./assets.ts";
import type { Settings } from "./client/types.ts";
import { EXAMPLE } from "./example.ts";

/** The limits of the form's fields. The body's limit is in bytes, which no field can count. */
const MAX_LENGTHS = {
  "/sender/address": MAX_ADDRESS_OCTETS,
  "/sender/display": MAX_SUBJECT_LENGTH,
  "/recipient/address": MAX_ADDRESS_OCTETS,
  "/recipient/display": MAX_SUBJECT_LENGTH,
  "/subject": MAX_SUBJECT_LENGTH,
};

const DESCRIPTION = "Follow one email through six hops, and see every one of them";

/** The part of a head that all pages have. */
export function renderHead(title: string, description: string): ReturnType<typeof html> {
  return html`
    <meta charset="utf-8">
    <title>${title}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="description" content="${description}">
    <link rel="icon" href="data:,">
    ${STYLE_SHEET_NAMES.map((name) => html`<link rel="stylesheet" href="/page/${name}">`)}
  `;
}

/** Renders the page before its script runs, which everything needs. */
export function renderShell(hasFaults: boolean): string {
  const settings: Settings = {
    version: VERSION,
    hasFaults,
    maxLengths: MAX_LENGTHS,
    tags: TAGS,
    example: { ...EXAMPLE, spans: undefined },
  };
  return String(html`
    <!doctype html>
    <html lang="en">
      <head>
        ${renderHead("Tracing Playground", DESCRIPTION)}
        ${FIRST_SCRIPTS.map(({ name }) => html`<link rel="modulepreload" href="/page/${name}">`)}
        <script type="module" src="/page/${MAIN_SCRIPT}"></script>
      </head>
      <body>
        <div id="app" data-settings="${JSON.stringify(settings)}"></div>
        <noscript>
          <p
            class="notice">This page needs JavaScript. <code>deno task send-email</code> does the same in a terminal.</p>
        </noscript>
      </body>
    </html>
  `).trim();
}

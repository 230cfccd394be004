import { html } from "@hono/hono/html";

/** What `html` returns: escaped, and marked as such. A text without the mark is escaped wherever it is put in. */
export type Html = string | Promise<string>;

/** Where the style sheet is served. */
export const STYLE_PATH = "/zipkin/style.css";

/** The pages run no script, load nothing from elsewhere, and post nothing. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Makes a whole page. */
export function page(title: string, content: Html): Html {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <link rel="stylesheet" href="${STYLE_PATH}">
      </head>
      <body>
        ${content}
      </body>
    </html>
  `;
}

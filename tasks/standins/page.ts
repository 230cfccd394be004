import type { Context } from "@hono/hono";
import { html } from "@hono/hono/html";

/** Escaped, and marked as such. A text without the mark is escaped wherever it is put in. */
export type Html = ReturnType<typeof html>;

/** Pages show what strangers sent: nothing may run, post or be framed, and nothing is loaded but the style sheet. */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface Page {
  readonly title: string;
  readonly content: Html;
  /** Where the style sheet is: a file of its own, so that the page needs no inline style. */
  readonly stylePath: string;
}

export function answerPage(
  context: Context,
  { title, content, stylePath }: Page,
  status: 200 | 400 | 404 = 200,
): Response | Promise<Response> {
  const whole = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <link rel="stylesheet" href="${stylePath}">
      </head>
      <body>
        <main>
          ${content}
        </main>
      </body>
    </html>
  `;
  return context.html(whole, status, PAGE_HEADERS);
}

export function answerStyleSheet(context: Context, styleSheet: string): Response {
  return context.body(styleSheet, 200, {
    "content-type": "text/css; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
}

import type { Context } from "@hono/hono";
import { html } from "@hono/hono/html";
import { DESIGN } from "@playground/shared/design";

/** Escaped HTML, marked as such. A text without the mark is escaped on insertion. */
export type Html = ReturnType<typeof html>;

/** The pages of the playground for people. */
const PAGE_NAMES = ["Journey", "Zipkin", "Inbox"] as const;

type PageName = typeof PAGE_NAMES[number];

/** The known addresses of the playground's pages, which link to one another. */
export type PageLinks = Readonly<Partial<Record<PageName, string>>>;

/** Returns the known links. They are read for each answer: a stand-in may start before the others listen. */
export type ReadLinks = () => PageLinks;

/** For a stand-in that runs alone. */
export const NO_LINKS: ReadLinks = () => ({});

/** Pages show strangers' content: nothing may run, post or be framed, and only the style sheet is loaded. */
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
  readonly name: PageName;
  readonly links: PageLinks;
  /** Where the style sheet is: a file of its own, so that the page needs no inline style. */
  readonly stylePath: string;
}

export function answerPage(
  context: Context,
  { title, content, name, links, stylePath }: Page,
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
        <header class="top">
          <span class="brand">
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M3 6h9M8 12h9M12 18h9" />
            </svg>
            <b>Tracing Playground</b>
          </span>
          <nav aria-label="Pages">
            ${PAGE_NAMES.map((other) => {
              if (other === name) {
                return html`<a href="${links[name] ?? "/"}" aria-current="page">${name}</a>`;
              }
              return links[other] === undefined ? "" : html`<a href="${links[other]}">${other}</a>`;
            })}
          </nav>
        </header>
        <main>
          ${content}
        </main>
      </body>
    </html>
  `;
  return context.html(whole, status, PAGE_HEADERS);
}

export function answerStyleSheet(context: Context, styleSheet: string): Response {
  return context.body(`${DESIGN}\n${MAIN}\n${styleSheet}`, 200, {
    "content-type": "text/css; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
}

const MAIN = `
main { display: grid; gap: var(--s3); max-width: 90rem; margin: 0 auto; padding: var(--s4) var(--s5) var(--s6); }
main h1 { font-size: var(--xl); overflow-wrap: anywhere; }
.card { padding: var(--s3) var(--s4); overflow-x: auto; }
`;

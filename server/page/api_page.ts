import { html } from "@hono/hono/html";
import type { Answer, ApiDocument, Content, Operation } from "../openapi/mod.ts";
import { renderHead } from "./shell.ts";

type Markup = ReturnType<typeof html>;

/** Renders the API's description from the OpenAPI document. It needs no script. */
export function renderApiPage(api: ApiDocument): string {
  const { info, tags, security } = api;
  return String(html`
    <!doctype html>
    <html lang="en">
      <head>
        ${renderHead("API · Tracing Playground", info.description)}
      </head>
      <body>
        <header class="top">
          <span class="brand">
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M3 6h9M8 12h9M12 18h9" />
            </svg>
            <h1>${info.title}</h1>
          </span>
          <nav
            aria-label="Pages"><a href="/">Journey</a><a href="/#view=explore">Explore</a><a href="/#view=lessons">Lessons</a><a href="/api" aria-current="page">API</a></nav>
        </header>
        <main class="text">
        <p class="muted">${info.description}</p>
        <section class="card">
          <p>For programs, the same is in <a href="/openapi.json">/openapi.json</a> (OpenAPI ${api
            .openapi}).</p>
          <p>${security.length === 0
            ? "This server requires no token, but refuses pages of other web sites."
            : html`Each request needs <code>Authorization: Bearer …</code> with the server’s API_TOKEN.`}</p>
        </section>
        ${tags.map(({ name, description }) =>
          html`
            <h2>${name}</h2>
            <p class="muted">${description}</p>
            ${Object.entries(api.paths).map(([path, item]) =>
              Object.entries(item).filter(([, { tags }]) => tags[0] === name)
                .map(([method, operation]) => renderRoute(method.toUpperCase(), path, operation))
            )}
          `
        )}
        <h2>Schemas</h2>
        ${Object.entries(api.components.schemas).map(([name, schema]) =>
          html`
            <details class="card" id="${name}">
              <summary><h3>${name}</h3></summary>
              ${renderJson(schema)}
            </details>
          `
        )}
      </main>
        <footer class="muted">Version ${info.version} </footer>
      </body>
    </html>
  `).trim();
}

function renderRoute(method: string, path: string, operation: Operation): Markup {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return html`
    <section class="card" id="${operationId}" aria-labelledby="${operationId}-title">
      <h3 id="${operationId}-title"><span class="pill">${method}</span> ${path}</h3>
      <p><strong>${summary}</strong></p>
      <p>${renderText(description)}</p>
      ${parameters.length === 0 ? "" : html`
        <h4>Parameters</h4>
        <dl>
          ${parameters.map(({ name, in: place, required, description, schema }) =>
            html`
              <div>
                <dt><code>${name}</code> in the ${place}${required ? ", required" : ""}</dt>
                <dd>${description}<br><code>${JSON.stringify(schema)}</code></dd>
              </div>
            `
          )}
        </dl>
      `}
      ${requestBody === undefined ? "" : html`<h4>Body</h4>${renderContent(requestBody.content)}`}
      <h4>Answers</h4>
      <dl>${Object.entries(responses).map(renderAnswer)}</dl>
    </section>
  `;
}

function renderAnswer([status, { description, content }]: [string, Answer]): Markup {
  return html`
    <div>
      <dt><code>${status}</code></dt>
      <dd>${description}${status.startsWith("2") && content !== undefined
        ? html`<details><summary>Example</summary>${renderContent(content)}</details>`
        : ""}</dd>
    </div>
  `;
}

function renderContent(content: Content): readonly Markup[] {
  return Object.entries(content).map(([type, { schema, example }]) =>
    html`
      <p><code>${type}</code>${renderReference(schema)}</p>
      ${typeof example === "string" ? html`<pre>${example}</pre>` : renderJson(example)}
    `
  );
}

/** The only markup in descriptions is code in backticks (https://spec.commonmark.org/). */
function renderText(text: string): readonly (string | Markup)[] {
  return text.split("`").map((part, index) => index % 2 === 1 ? html`<code>${part}</code>` : part);
}

function renderReference(schema: object): Markup | string {
  if (!("$ref" in schema)) return "";
  const name = String(schema.$ref).split("/").at(-1);
  return html`, schema <a href="#${name}">${name}</a>`;
}

function renderJson(value: unknown): Markup {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}

import { html } from "@hono/hono/html";
import { emailDocument } from "@playground/shared/email";
import { VERSION } from "@playground/shared/version";
import { z } from "zod";
import { ASSETS, MAIN_SCRIPT, STYLE_SHEET } from "./assets.ts";
import { renderDiagram } from "./diagram.ts";

type Markup = ReturnType<typeof html>;

export interface ShellOptions {
  readonly hasFaults: boolean;
}

/** A field of the form. Its pointer is where it goes in the document, and what the server's complaints call it. */
interface Field {
  readonly pointer: string;
  readonly label: string;
  readonly value: string;
  readonly isOptional?: boolean;
  readonly inputMode?: "email";
}

const FIELDS: readonly (readonly Field[])[] = [
  [
    { pointer: "/sender/address", label: "From", value: "alice@example.com", inputMode: "email" },
    { pointer: "/sender/display", label: "Name", value: "Alice", isOptional: true },
  ],
  [
    { pointer: "/recipient/address", label: "To", value: "bob@example.com", inputMode: "email" },
    { pointer: "/recipient/display", label: "Name", value: "Bob", isOptional: true },
  ],
  [{ pointer: "/subject", label: "Subject", value: "Something catchy" }],
];

const EMAIL_SCHEMA = z.toJSONSchema(emailDocument, { io: "input" });

/** Recipients for whom the mail server answers as their address asks. */
const RECIPIENTS = [
  { label: "✓ arrives", address: "bob@example.com" },
  { label: "↻ 451, try later", address: "bounce+451+server+unavailable@example.com" },
  { label: "✗ 550, refused", address: "bounce+550+no+such+user@example.com" },
] as const;

/** How long a fault may last, in milliseconds; empty: until it is cleared. */
const DURATIONS = [
  { value: "", label: "until cleared" },
  { value: "10000", label: "10 seconds" },
  { value: "60000", label: "1 minute" },
  { value: "300000", label: "5 minutes" },
] as const;

/** Renders what stays the same of the page; the script fills it. */
export function renderShell({ hasFaults }: ShellOptions): string {
  return String(html`
    <!doctype html>
    <html lang="en">
      <head>
      <meta charset="utf-8">
      <title>Tracing Playground</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="description" content="Follow one email through six hops, and see every one of them">
      <link rel="icon" href="data:,">
      <link rel="stylesheet" href="/page/${STYLE_SHEET}">
      ${ASSETS.filter(({ contentType }) => contentType === "text/javascript").map(({ name }) =>
        html`<link rel="modulepreload" href="/page/${name}">`
      )}
      <script type="module" src="/page/${MAIN_SCRIPT}"></script>
      </head>
      <body>
      <a class="skip" href="#journey" id="skip">Skip to the journey</a>
      <header>
        <h1>Tracing Playground</h1>
        <p class="muted">Follow one email through six hops, and see every one of them</p>
        <p id="collector" class="badge" role="status">Connecting …</p>
      </header>
      <p id="notice" class="notice" role="status" hidden></p>
      <noscript><p class="notice">This page needs its script. <code>deno task send-email</code> does the same in a terminal.</p></noscript>
      <main>
        <div class="side">
          ${renderCompose()}
          ${hasFaults ? renderFaultPanel() : ""}
          <section class="card" aria-labelledby="emails-title">
            <h2 id="emails-title">Recent emails</h2>
            <p id="emails-none" class="muted" hidden>No emails yet. Send one above.</p>
            <ol id="emails" class="emails"></ol>
          </section>
        </div>
        <div class="stage">
          ${renderJourney()}
        </div>
      </main>
      ${renderTokenDialog()}
      <footer class="muted">Version ${VERSION} · <a href="/api">API</a></footer>
      </body>
    </html>
  `).trim();
}

function renderCompose(): Markup {
  return html`
    <section class="card" aria-labelledby="compose-title">
      <h2 id="compose-title">Send an email</h2>
      <form id="compose" novalidate>
        ${FIELDS.map((fields) => html`<div class="fields">${fields.map(renderField)}</div>`)}
        <div class="field">
          <label for="body">Body</label>
          <textarea id="body" name="/body" rows="3" required aria-describedby="body-error">Whatever you want</textarea>
          <p class="field-error" id="body-error" data-error-of="/body"></p>
        </div>
        <div class="recipients" role="group" aria-label="Fill in a recipient whose mail">
          ${RECIPIENTS.map(({ label, address }) =>
            html`<button type="button" class="quiet" data-recipient="${address}">${label}</button>`
          )}
        </div>
        <button id="send" class="primary">Send</button>
        <p id="compose-status" class="status" role="status"></p>
      </form>
    </section>
  `;
}

function renderField({ pointer, label, value, isOptional = false, inputMode }: Field): Markup {
  const id = pointer.slice(1).replaceAll("/", "-");
  const name = pointer.split("/")[1] === "sender" ? "sender" : "recipient";
  return html`
    <div class="field">
      <label for="${id}">${label === "Name"
        ? html`Name <span class="sr-only">of the ${name}</span>`
        : label}</label>
      <input id="${id}" name="${pointer}" value="${value}" maxlength="${maxLengthOf(pointer)}"
        autocomplete="off"
        spellcheck="false" aria-describedby="${id}-error" ${isOptional ? "" : html`required`}
        ${inputMode === undefined ? "" : html`inputmode="${inputMode}"`}>
      <p class="field-error" id="${id}-error" data-error-of="${pointer}"></p>
    </div>
  `;
}

function renderJourney(): Markup {
  return html`
    <section class="card" id="journey" tabindex="-1" aria-labelledby="journey-title">
      <div class="journey-head">
        <h2 id="journey-title">Journey</h2>
        <p id="state" data-tone="idle">
          <span id="state-icon" class="icon" aria-hidden="true">○</span>
          <strong id="state-title">No email yet</strong>
          <span id="state-explanation">Send one, or choose one of the recent emails</span>
        </p>
        <p class="trace-line"><code id="trace-id"></code>
          <a id="trace-link" target="_blank" rel="noopener noreferrer" hidden>Open in Zipkin<span aria-hidden="true"> ↗</span></a></p>
      </div>
      <p id="announcement" class="sr-only" role="status"></p>
      <nav id="trace-emails" aria-labelledby="trace-emails-title" hidden>
        <h3 id="trace-emails-title"></h3>
        <ol id="trace-emails-list" class="emails"></ol>
      </nav>
      ${renderDiagram()}
    </section>
    <section class="card" id="waterfall-card" aria-labelledby="waterfall-title"></section>
    <section class="card" id="mail" aria-labelledby="mail-title" hidden>
      <h2 id="mail-title">Archived mail</h2>
      <div id="mail-content"></div>
    </section>
  `;
}

/** Renders the panel that sets and clears faults; the script fills it with what there is. */
function renderFaultPanel(): Markup {
  return html`
    <section class="card" aria-labelledby="faults-title">
      <details id="faults">
        <summary><h2 id="faults-title">Break something</h2> <span id="fault-count" class="badge" role="status">…</span></summary>
        <form id="fault-form">
          <div class="field">
            <label for="fault">Fault</label>
            <select id="fault" aria-describedby="fault-explanation"></select>
            <p id="fault-explanation" class="muted"></p>
          </div>
          <div class="fields">
            <div class="field" id="fault-parameter" hidden></div>
            <div class="field">
              <label for="fault-probability">Probability (%)</label>
              <input id="fault-probability" type="number" min="1" max="100" value="100">
            </div>
            <div class="field">
              <label for="fault-duration">For</label>
              <select id="fault-duration">
                ${DURATIONS.map(({ value, label }) =>
                  html`<option value="${value}">${label}</option>`
                )}
              </select>
            </div>
          </div>
          <button class="primary">Set the fault</button>
          <p id="fault-status" class="status" role="status" data-tone="failed"></p>
        </form>
        <ul id="active-faults" aria-label="Active faults"></ul>
        <button id="fault-clear-all" type="button" class="quiet" hidden>Clear all</button>
      </details>
    </section>
  `;
}

function renderTokenDialog(): Markup {
  return html`
    <dialog id="token-dialog" aria-labelledby="token-title">
      <form id="token-form">
        <h2 id="token-title">This server asks for a token</h2>
        <p class="muted">It is what stands in its API_TOKEN. It is kept until you close this tab.</p>
        <div class="field">
          <label for="token">Token</label>
          <input id="token" type="password" autocomplete="off" required
            aria-describedby="token-message">
          <p id="token-message" class="field-error" role="alert"></p>
        </div>
        <button class="primary">Continue</button>
      </form>
    </dialog>
  `;
}

/** The limit that the schema of the email document has for a member. */
function maxLengthOf(pointer: string): number | undefined {
  let schema: z.core.JSONSchema._JSONSchema | undefined = EMAIL_SCHEMA;
  for (const name of pointer.split("/").slice(1)) {
    schema = typeof schema === "object" ? schema.properties?.[name] : undefined;
  }
  return typeof schema === "object" ? schema.maxLength : undefined;
}

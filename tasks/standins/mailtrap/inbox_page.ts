import { type Context, Hono } from "@hono/hono";
import { html } from "@hono/hono/html";
import PostalMime, { type Email } from "postal-mime";
import { INBOX_STYLE } from "./inbox_style.ts";
import type { Mailbox } from "./mailbox.ts";
import type { StoredMessage } from "./message.ts";

/** What {@linkcode html} makes: text in which everything that was put in is escaped. */
type Markup = ReturnType<typeof html>;

/** Mails on one page of the list. */
const PAGE_SIZE = 50;

/** Mails are strangers' text: nothing may run, load or be framed. The only exception is the page's own style sheet. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Pages for people: the list of mails, and the headers and text of one mail. HTML parts are shown as source.
 */
export function createInboxPage(mailbox: Mailbox): Hono {
  const page = new Hono();

  page.get("/", (context) => {
    const before = Number(context.req.query("before"));
    const beforeId = Number.isSafeInteger(before) && before > 0 ? before : undefined;
    const messages = mailbox.list(
      beforeId === undefined ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, beforeId },
    );
    return respond(context, "Inbox", listView(messages, mailbox.size));
  });

  page.get("/messages/:id{[0-9]{1,15}}", async (context) => {
    const message = mailbox.find(Number(context.req.param("id")));
    if (message === undefined) {
      return respond(context, "No such mail", html`<p>It was deleted, or never was.</p>`, 404);
    }
    mailbox.markRead(message.id);
    const email = await PostalMime.parse(mailbox.raw(message)).catch(() => undefined);
    return respond(context, subjectOf(message), messageView(message, email));
  });

  page.get("/inbox.css", (context) => {
    context.header("X-Content-Type-Options", "nosniff");
    return context.body(INBOX_STYLE, 200, { "Content-Type": "text/css; charset=utf-8" });
  });

  return page;
}

function listView(messages: readonly StoredMessage[], total: number): Markup {
  const oldest = messages.at(-1);
  if (oldest === undefined) return html`<p>There are no mails here.</p>`;
  return html`
    <p class="muted">${total} in all, newest first</p>
    <table>
      <thead>
        <tr>
          <th scope="col">Subject</th>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col">Received</th>
          <th scope="col" class="number">Bytes</th>
        </tr>
      </thead>
      <tbody>
        ${messages.map(listRow)}
      </tbody>
    </table>
    ${messages.length === PAGE_SIZE
      ? html`<p><a href="/?before=${oldest.id}">Older mails</a></p>`
      : ""}
  `;
}

function listRow(message: StoredMessage): Markup {
  return html`
    <tr class="${message.isRead ? "read" : "unread"}">
      <td><a href="/messages/${message.id}">${subjectOf(message)}</a></td>
      <td>${message.fromEmail}</td>
      <td>${message.toEmail}</td>
      <td>${timeElement(message.createdAt)}</td>
      <td class="number">${message.sizeBytes}</td>
    </tr>
  `;
}

function messageView(message: StoredMessage, email: Email | undefined): Markup {
  return html`
    <p><a href="/">Inbox</a></p>
    <p class="muted">
      Mail ${message.id}, ${message.sizeBytes} bytes, received ${timeElement(message.createdAt)}
    </p>
    ${email === undefined
      ? html`<p>This mail cannot be parsed; the API has its bytes.</p>`
      : partsView(email)}
  `;
}

function partsView(email: Email): Markup {
  return html`
    <table>
      <tbody>
        ${email.headers.map(({ originalKey, value }) =>
          html`
            <tr>
              <th scope="row">${originalKey}</th>
              <td>${value}</td>
            </tr>
          `
        )}
      </tbody>
    </table>
    ${email.text === undefined ? "" : html`
      <h2>Text</h2>
      <pre>${email.text}</pre>
    `}
    ${email.html === undefined ? "" : html`
      <h2>HTML, as source</h2>
      <pre>${email.html}</pre>
    `}
    ${email.attachments.length === 0 ? "" : attachmentsView(email)}
  `;
}

function attachmentsView({ attachments }: Email): Markup {
  return html`
    <h2>Attachments</h2>
    <ul>
      ${attachments.map(({ filename, mimeType }) =>
        html`<li>${filename ?? "(no name)"} <span class="muted">${mimeType}</span></li>`
      )}
    </ul>
  `;
}

function timeElement(time: Date): Markup {
  const text = time.toISOString();
  return html`<time datetime="${text}">${text.slice(0, 19).replace("T", " ")}</time>`;
}

function subjectOf({ subject }: StoredMessage): string {
  return subject.trim() === "" ? "(no subject)" : subject;
}

function respond(
  context: Context,
  title: string,
  content: Markup,
  status: 200 | 404 = 200,
): Response | Promise<Response> {
  context.header("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  context.header("X-Content-Type-Options", "nosniff");
  context.header("Referrer-Policy", "no-referrer");
  context.header("Cache-Control", "no-store");
  return context.html(
    html`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} - Mailtrap stand-in</title>
    <link rel="stylesheet" href="/inbox.css">
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      ${content}
    </main>
  </body>
</html>`,
    status,
  );
}

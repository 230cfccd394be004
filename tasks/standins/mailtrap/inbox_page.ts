import { type Context, Hono } from "@hono/hono";
import { html } from "@hono/hono/html";
import libmime from "libmime";
import { answerPage, answerStyleSheet, type Html } from "../page.ts";
import type { Mailbox, StoredMessage } from "./mailbox.ts";
import { type MessageContent, readContent } from "./message_content.ts";

const PAGE_SIZE = 50;

/** Pages for people: the list of mails, and the headers and text of one mail. HTML parts are shown as source. */
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
    const content = await readContent(mailbox.raw(message));
    return respond(context, subjectOf(message), messageView(message, content));
  });

  page.get("/inbox.css", (context) => answerStyleSheet(context, STYLE));

  return page;
}

function listView(messages: readonly StoredMessage[], total: number): Html {
  const oldest = messages.at(-1);
  if (oldest === undefined) {
    return html`<p>The inbox is empty: the poller deletes each mail when it has archived it.</p>`;
  }
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

function listRow(message: StoredMessage): Html {
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

function messageView(message: StoredMessage, content: MessageContent | undefined): Html {
  return html`
    <p><a href="/">Inbox</a></p>
    <p class="muted">
      Mail ${message.id}, ${message.sizeBytes} bytes, received ${timeElement(message.createdAt)}
    </p>
    ${content === undefined
      ? html`<p>This mail cannot be parsed; the API has its bytes.</p>`
      : contentView(content)}
  `;
}

function contentView(content: MessageContent): Html {
  return html`
    <table>
      <tbody>
        ${content.headers.map(({ name, value }) =>
          html`
            <tr>
              <th scope="row">${name}</th>
              <td>${libmime.decodeWords(value)}</td>
            </tr>
          `
        )}
      </tbody>
    </table>
    ${content.text === undefined ? "" : html`
      <h2>Text</h2>
      <pre>${content.text}</pre>
    `}
    ${content.html === undefined ? "" : html`
      <h2>HTML, as source</h2>
      <pre>${content.html}</pre>
    `}
    ${content.attachments.length === 0 ? "" : html`
      <h2>Attachments</h2>
      <ul>
        ${content.attachments.map(({ name = "(no name)", type }) =>
          html`<li>${name} <span class="muted">${type}</span></li>`
        )}
      </ul>
    `}
  `;
}

function timeElement(time: Date): Html {
  const text = time.toISOString();
  return html`<time datetime="${text}">${text.slice(0, 19).replace("T", " ")}</time>`;
}

function subjectOf({ subject }: StoredMessage): string {
  return subject.trim() === "" ? "(no subject)" : subject;
}

function respond(context: Context, title: string, content: Html, status: 200 | 404 = 200) {
  return answerPage(context, {
    title: `${title} - Mailtrap stand-in`,
    content: html`
      <h1>${title}</h1>
      ${content}
    `,
    stylePath: "/inbox.css",
  }, status);
}

const STYLE = `
:root { color-scheme: light dark; --muted: light-dark(#57606a, #9aa4ae); --line: light-dark(#d0d7de, #3a424b); }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
a { color: light-dark(#0757ae, #7cb7ff); }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); overflow-wrap: anywhere; padding: 0.4rem 0.6rem; text-align: start; vertical-align: top; }
th { font-weight: 600; }
tr.unread td { font-weight: 600; }
pre { border: 1px solid var(--line); overflow-wrap: anywhere; padding: 0.8rem; white-space: pre-wrap; }
.muted { color: var(--muted); }
.number { text-align: end; white-space: nowrap; }
`;

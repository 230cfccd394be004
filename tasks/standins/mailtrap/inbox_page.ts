import { type Context, Hono } from "@hono/hono";
import { html } from "@hono/hono/html";
import { answerPage, answerStyleSheet, type Html, NO_LINKS, type ReadLinks } from "../page.ts";
import type { Mailbox, StoredMessage } from "./mailbox.ts";
import { type MessageContent, readContent } from "./message_content.ts";

const PAGE_SIZE = 50;

/** Pages for people: the list of mails, and the headers and text of one mail. HTML parts are shown as source. */
export function createInboxPage(mailbox: Mailbox, links: ReadLinks = NO_LINKS): Hono {
  const page = new Hono();
  const respond = (context: Context, title: string, content: Html, status: 200 | 404 = 200) =>
    answerPage(context, {
      title: `${title} - Mailtrap stand-in`,
      content: html`<h1><bdi>${title}</bdi></h1>${content}`,
      name: "Inbox",
      links: links(),
      stylePath: "/inbox.css",
    }, status);

  page.get("/", (context) => {
    const before = Number(context.req.query("before"));
    const beforeId = Number.isSafeInteger(before) && before > 0 ? before : undefined;
    const messages = mailbox.list({ limit: PAGE_SIZE, beforeId });
    return respond(context, "Inbox", listView(messages, mailbox.size));
  });

  page.get("/messages/:id{[0-9]{1,15}}", async (context) => {
    const message = mailbox.find(Number(context.req.param("id")));
    if (message === undefined) {
      const reason = html`<p class="card">It was deleted, or never existed.</p>`;
      return respond(context, "No such mail", reason, 404);
    }
    mailbox.markRead(message.id);
    const content = await readContent(mailbox.raw(message));
    return respond(context, subjectOf(message), messageView(message, content));
  });

  page.get(
    "/inbox.css",
    (context) => answerStyleSheet(context, "tr.unread td { font-weight: 600; }"),
  );
  return page;
}

function listView(messages: readonly StoredMessage[], total: number): Html {
  const oldest = messages.at(-1);
  if (oldest === undefined) {
    return html`<p class="card">The inbox is empty: the poller deletes each mail after archiving it.</p>`;
  }
  return html`
    <p class="muted">${total} in all, newest first</p>
    <div class="card">
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
    </div>
    ${messages.length === PAGE_SIZE
      ? html`<p><a href="/?before=${oldest.id}">Older mails</a></p>`
      : ""}
  `;
}

function listRow(message: StoredMessage): Html {
  return html`
    <tr class="${message.isRead ? "read" : "unread"}">
      <td><a href="/messages/${message.id}"><bdi>${subjectOf(message)}</bdi></a></td>
      <td><bdi>${message.fromEmail}</bdi></td>
      <td><bdi>${message.toEmail}</bdi></td>
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
    <div class="card">
      <table>
        <tbody>
        ${content.headers.map(({ name, value }) =>
          html`
            <tr>
              <th scope="row"><bdi>${name}</bdi></th>
              <td><bdi>${value}</bdi></td>
            </tr>
          `
        )}
      </tbody>
      </table>
    </div>
    ${content.text === null ? "" : html`
      <h2>Text</h2>
      <pre>${content.text}</pre>
    `}
    ${content.html === null ? "" : html`
      <h2>HTML, as source</h2>
      <pre>${content.html}</pre>
    `}
    ${content.attachments.length === 0 ? "" : html`
      <h2>Attachments</h2>
      <ul>
        ${content.attachments.map(({ name, type }) =>
          html`<li><bdi>${name ?? "(no name)"}</bdi> <bdi class="muted">${type}</bdi></li>`
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

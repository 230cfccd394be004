import assert from "node:assert/strict";
import type { Hono } from "@hono/hono";
import { SqliteStore } from "../sqlite.ts";
import { createInboxPage } from "./inbox_page.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";
import { summarize } from "./message_content.ts";

function pageTest(
  behaviour: string,
  run: (page: Hono, receive: (text: string) => Promise<number>, mailbox: Mailbox) => Promise<void>,
): void {
  Deno.test(`inbox page ${behaviour}`, async () => {
    using database = new SqliteStore("mailtrap", undefined, MAILBOX_SCHEMA);
    const mailbox = new Mailbox(database);
    const receive = async (text: string) => {
      const raw = new TextEncoder().encode(text);
      const mail = { raw, mailFrom: "", recipients: [], clientIp: "127.0.0.1" };
      return mailbox.add(mail, await summarize(mail));
    };
    await run(createInboxPage(mailbox), receive, mailbox);
  });
}

async function textOf(page: Hono, path: string): Promise<string> {
  const response = await page.request(path);
  assert.equal(response.status, 200);
  return await response.text();
}

pageTest("says that the inbox is empty", async (page) => {
  assert.match(await textOf(page, "/"), /The inbox is empty/);
});

pageTest("lists the mails and links to each, and to the older ones", async (page, receive) => {
  const ids: number[] = [];
  for (let index = 0; index < 51; index++) {
    ids.push(await receive(`Subject: mail ${index}\r\n\r\n`));
  }
  const newest = await textOf(page, "/");
  assert.match(newest, new RegExp(`href="/messages/${ids[50]}"><bdi>mail 50<`));
  assert.doesNotMatch(newest, />mail 0</);
  const older = /href="(?<path>[^"]*before[^"]*)"/.exec(newest)?.groups?.path;
  assert.ok(older !== undefined);
  assert.match(await textOf(page, older), />mail 0</);
});

pageTest(
  "shows a mail's headers and text, and marks it as read",
  async (page, receive, mailbox) => {
    const id = await receive("Subject: s\r\nX-B3-TraceId: 463ac35c9f6413ad\r\n\r\nthe text\r\n");
    const shown = await textOf(page, `/messages/${id}`);
    assert.match(shown, /X-B3-TraceId/);
    assert.match(shown, /463ac35c9f6413ad/);
    assert.match(shown, /the text/);
    assert.equal(mailbox.find(id)?.isRead, true);
  },
);

pageTest("keeps hostile mails inert", async (page, receive) => {
  const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
  const id = await receive(
    `Subject: ${hostile}\r\nFrom: "${hostile}" <a@example.com>\r\nX-${hostile}: ${hostile}\r\n` +
      `Content-Type: text/html\r\n\r\n${hostile}\r\n`,
  );
  for (const path of ["/", `/messages/${id}`]) {
    const shown = await textOf(page, path);
    assert.match(shown, /&lt;script&gt;/);
    assert.doesNotMatch(shown, /<script|<img/i);
  }
});

pageTest("forbids scripts, remote content and framing", async (page) => {
  for (const path of ["/", "/messages/1"]) {
    const policy = (await page.request(path)).headers.get("Content-Security-Policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|script-src|https?:|\*/);
  }
});

pageTest("shows mails that cannot be parsed", async (page, receive) => {
  const nested = Array.from(
    { length: 300 },
    (_, depth) => `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`,
  ).join("");
  const id = await receive(`Subject: too deep\r\n${nested}`);
  assert.match(await textOf(page, `/messages/${id}`), /too deep[^]*cannot be parsed/);
});

pageTest("answers 404 for a mail that is gone", async (page) => {
  const response = await page.request("/messages/1");
  assert.equal(response.status, 404);
  assert.match(await response.text(), /No such mail/);
});

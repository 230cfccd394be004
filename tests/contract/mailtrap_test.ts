/**
 * What the emailer and the poller rely on in Mailtrap. The suite sees its target through {@linkcode Mailtrap} only, addresses
 * and credentials; there is no Mailtrap to be had in tests, so the stand-in is the only target.
 */

import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { createTransport } from "nodemailer";
import { type Mailtrap, startMailtrap } from "../../tasks/standins/mailtrap/mod.ts";
import {
  bytes,
  connectionOptions,
  deleteMessage,
  listAllMessages,
  listMessages,
  messagesPath,
  onlyMessage,
  rawMessage,
  request,
  sendMail,
  sendNumberedMails,
} from "../../tasks/standins/mailtrap/testing/mailtrap_client.ts";
import { SmtpDialogue } from "../../tasks/standins/mailtrap/testing/smtp_dialogue.ts";

const MAX_MESSAGE_SIZE_BYTES = 2 * 1024 * 1024;

/** The three API styles: the path of the list, and the member that names the box. */
const STYLES = [
  {
    name: "sandboxes",
    boxMember: "sandbox_id",
    path: ({ boxId }: Mailtrap) => `/api/sandboxes/${boxId}/messages`,
  },
  {
    name: "accounts",
    boxMember: "inbox_id",
    path: ({ accountId, boxId }: Mailtrap) =>
      `/api/accounts/${accountId}/inboxes/${boxId}/messages`,
  },
  {
    name: "v1",
    boxMember: "inbox_id",
    path: ({ boxId }: Mailtrap) => `/api/v1/inboxes/${boxId}/messages`,
  },
] as const;

const smtpTest = (behaviour: string, run: (mailtrap: Mailtrap) => Promise<void>) =>
  contractTest(`SMTP ${behaviour}`, run);

const apiTest = (behaviour: string, run: (mailtrap: Mailtrap) => Promise<void>) =>
  contractTest(`API ${behaviour}`, run);

function contractTest(behaviour: string, run: (mailtrap: Mailtrap) => Promise<void>): void {
  integrationTest(`Mailtrap (stand-in): ${behaviour}`, async () => {
    await using mailtrap = await startMailtrap({
      smtpPort: 0,
      apiPort: 0,
      maxMessageSizeBytes: MAX_MESSAGE_SIZE_BYTES,
    });
    await run(mailtrap);
  });
}

// SMTP

for (const method of ["PLAIN", "LOGIN"]) {
  smtpTest(`accepts a mail after STARTTLS and AUTH ${method}`, async (mailtrap) => {
    const { response } = await sendMail(mailtrap, { subject: "hello" }, { authMethod: method });
    assert.equal(response, "250 2.0.0 Ok: queued");
    assert.deepEqual((await listMessages(mailtrap)).map(({ subject }) => subject), ["hello"]);
  });
}

smtpTest(
  "shows a certificate that is good for the name as well as the address",
  async (mailtrap) => {
    const { response } = await sendMail(mailtrap, {}, { host: "localhost" });
    assert.match(response, /^250 /);
  },
);

smtpTest("is not trusted by a client without the CA", async (mailtrap) => {
  await assert.rejects(sendMail(mailtrap, {}, { tls: {} }), /certificate|UnknownIssuer/i);
  assert.deepEqual(await listMessages(mailtrap), []);
});

smtpTest("answers 535 to a wrong password", async (mailtrap) => {
  const auth = { user: mailtrap.user, pass: `not ${mailtrap.password}` };
  await assert.rejects(sendMail(mailtrap, {}, { auth }), { code: "EAUTH", responseCode: 535 });
});

smtpTest("answers 530 to MAIL without AUTH", async (mailtrap) => {
  await assert.rejects(sendMail(mailtrap, {}, { auth: undefined }), {
    responseCode: 530,
    response: "530 5.7.1 Authentication required",
  });
});

smtpTest("takes no credentials before STARTTLS", async (mailtrap) => {
  using dialogue = await SmtpDialogue.connect(mailtrap.smtp);
  await dialogue.command("EHLO client.example");
  const credentials = btoa(`\0${mailtrap.user}\0${mailtrap.password}`);
  assert.match(await dialogue.command(`AUTH PLAIN ${credentials}`), /^538 /);
  assert.match(await dialogue.command("MAIL FROM:<sender@example.com>"), /^530 /);
});

for (
  const [localPart, reply] of [
    ["bounce+451+server+unavailable", "451 server unavailable"],
    ["bounce+550+%4Eo+such+user+here", "550 No such user here"],
    ["bounce+550+5.7.0+too+many+emails+per+second", "550 5.7.0 too many emails per second"],
    ["bounce+554", "554"],
  ] as const
) {
  smtpTest(`answers ${reply} to RCPT TO:<${localPart}@…>`, async (mailtrap) => {
    await assert.rejects(sendMail(mailtrap, { to: `${localPart}@any.domain` }), {
      response: reply,
      responseCode: Number(reply.slice(0, 3)),
    });
    assert.deepEqual(await listMessages(mailtrap), []);
  });
}

smtpTest("accepts a mail for the other recipients when one bounces", async (mailtrap) => {
  const to = ["good@example.com", "bounce+550+no@example.com"];
  const { accepted, rejected } = await sendMail(mailtrap, { to });
  assert.deepEqual({ accepted, rejected }, { accepted: [to[0]], rejected: [to[1]] });
  assert.equal((await listMessages(mailtrap)).length, 1);
});

smtpTest("answers 552 to a mail that is announced as too big", async (mailtrap) => {
  await assert.rejects(sendMail(mailtrap, { text: "x".repeat(MAX_MESSAGE_SIZE_BYTES + 1) }), {
    response: "552 5.3.4 Error: message too big",
  });
});

smtpTest("answers 552 to a mail that turns out too big, and goes on", async (mailtrap) => {
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  const tooBig = new Uint8Array(MAX_MESSAGE_SIZE_BYTES + 1).fill("x".charCodeAt(0));
  const raw = new Uint8Array([...tooBig, ...bytes("\r\n")]);
  assert.equal(await dialogue.sendMail(raw), "552 5.3.4 Error: message too big");
  assert.deepEqual(await listMessages(mailtrap), []);
  assert.match(await dialogue.sendMail(bytes("Subject: small\r\n\r\n")), /^250 /);
  assert.equal((await listMessages(mailtrap)).length, 1);
});

for (
  const [name, raw] of [
    ["UTF-8 in header and body", bytes("Subject: Grüße 🦕\r\n\r\nça va ✓\r\n")],
    ["bytes that are no UTF-8", Uint8Array.of(0xff, 0x00, 0xfe, 0x0d, 0x0a)],
    ["every byte", new Uint8Array([...Array(256).keys(), 0x0d, 0x0a])],
    ["a line of 100,000 characters", bytes(`A: b\r\n\r\n${"x".repeat(100_000)}\r\n`)],
    ["leading dots", bytes("A: b\r\n\r\n.\r\n..\r\n...\r\n.x\r\n\r\n.\r\n")],
    ["dots at the very start", bytes("..\r\n.\r\n")],
    ["line feeds without carriage returns", bytes("A: b\n\nx\ny\r\n")],
    ["nothing but a line end", bytes("\r\n")],
  ] as const
) {
  for (const chunkSizeBytes of [1, 64 * 1024]) {
    // Writing a long line byte by byte would only take long.
    if (raw.length / chunkSizeBytes > 10_000) continue;
    smtpTest(`keeps ${name}, written ${chunkSizeBytes} at a time`, async (mailtrap) => {
      using dialogue = await SmtpDialogue.logIn(mailtrap);
      assert.match(await dialogue.sendMail(raw, chunkSizeBytes), /^250 /);
      assert.deepEqual(await rawMessage(mailtrap, await onlyMessage(mailtrap)), raw);
    });
  }
}

smtpTest("keeps what nodemailer sends, byte by byte", async (mailtrap) => {
  const raw = "Subject: s\r\nTo: a@example.com\r\n\r\n.hidden\r\n..\r\n" + "é".repeat(2000) +
    "\r\n";
  await sendMail(mailtrap, { raw });
  assert.deepEqual(await rawMessage(mailtrap, await onlyMessage(mailtrap)), bytes(raw));
});

smtpTest("lists mails that are no mails with what the envelope says", async (mailtrap) => {
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  await dialogue.sendMail(Uint8Array.of(0x00, 0xff, 0x3a, 0x0d, 0x0a));
  const message = await onlyMessage(mailtrap);
  assert.deepEqual([message.from_email, message.to_email, message.subject], [
    "sender@example.com",
    "recipient@example.com",
    "",
  ]);
});

smtpTest("accepts the null sender", async (mailtrap) => {
  await sendMail(mailtrap, { envelope: { from: "", to: "recipient@example.com" } });
  await onlyMessage(mailtrap);
});

smtpTest("answers pipelined commands in order, over two mails", async (mailtrap) => {
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  const head = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
  await dialogue.write(`${head}Subject: 1\r\n\r\n.\r\n${head}Subject: 2\r\n\r\n.\r\nNOOP\r\n`);
  const codes: string[] = [];
  while (codes.length < 9) codes.push((await dialogue.reply()).slice(0, 3));
  assert.deepEqual(codes, ["250", "250", "354", "250", "250", "250", "354", "250", "250"]);
  assert.deepEqual((await listMessages(mailtrap)).map(({ subject }) => subject), ["2", "1"]);
});

smtpTest("stores nothing of a mail whose connection drops in mid-DATA", async (mailtrap) => {
  {
    using dialogue = await SmtpDialogue.logIn(mailtrap);
    await dialogue.command("MAIL FROM:<a@example.com>");
    await dialogue.command("RCPT TO:<b@example.com>");
    await dialogue.command("DATA");
    await dialogue.write("Subject: half\r\n\r\nThis is where it en");
  }
  await sendMail(mailtrap, { subject: "whole" });
  assert.equal((await onlyMessage(mailtrap)).subject, "whole");
});

smtpTest("goes on after clients that speak no SMTP or TLS", async (mailtrap) => {
  const noise = crypto.getRandomValues(new Uint8Array(50_000));
  for (const afterStartTls of [false, true]) {
    using dialogue = await SmtpDialogue.connect(mailtrap.smtp);
    if (afterStartTls) {
      await dialogue.command("EHLO client.example");
      assert.match(await dialogue.command("STARTTLS"), /^220 /);
    }
    // The server may hang up while it is still being written to.
    await dialogue.write(noise).catch(() => {});
  }
  await sendMail(mailtrap);
  await onlyMessage(mailtrap);
});

smtpTest("takes many mails over few connections", async (mailtrap) => {
  const count = 300;
  const transport = createTransport({
    ...connectionOptions(mailtrap),
    pool: true,
    maxConnections: 4,
  });
  try {
    await Promise.all(
      Array.from(
        { length: count },
        (_, index) =>
          transport.sendMail({ from: "a@example.com", to: "b@example.com", subject: `${index}` }),
      ),
    );
  } finally {
    transport.close();
  }
  const subjects = (await listAllMessages(mailtrap)).map(({ subject }) => Number(subject));
  assert.deepEqual(subjects.toSorted((a, b) => a - b), [...Array(count).keys()]);
});

// API

for (const { name, path, boxMember } of STYLES) {
  apiTest(`${name}: lists, reads and deletes`, async (mailtrap) => {
    await sendMail(mailtrap, {
      from: { name: "Ann Sender", address: "ann@example.com" },
      to: "Bob <bob@example.com>",
      subject: "Grüße",
    });
    const listPath = path(mailtrap);
    const listed = await request(mailtrap, listPath);
    const documents = await listed.json();
    assert.equal(listed.status, 200);
    assert.equal(documents.length, 1);
    const [document] = documents;
    const messagePath = `${listPath}/${document.id}`;
    const { created_at, updated_at, sent_at, email_size, ...rest } = document;
    assert.deepEqual(rest, {
      id: document.id,
      [boxMember]: Number(mailtrap.boxId),
      subject: "Grüße",
      from_email: "ann@example.com",
      from_name: "Ann Sender",
      to_email: "bob@example.com",
      to_name: "Bob",
      is_read: false,
      html_path: `${messagePath}/body.html`,
      txt_path: `${messagePath}/body.txt`,
      raw_path: `${messagePath}/body.raw`,
      download_path: `${messagePath}/body.eml`,
      blacklists_report_info: false,
      smtp_information: {
        ok: true,
        data: { mail_from_addr: "ann@example.com", client_ip: "127.0.0.1" },
      },
    });
    for (const time of [created_at, updated_at, sent_at]) {
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)$/);
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    }

    const raw = await request(mailtrap, document.download_path);
    assert.equal(raw.headers.get("Content-Type"), "message/rfc822");
    assert.equal((await raw.arrayBuffer()).byteLength, email_size);

    assert.deepEqual(await (await request(mailtrap, messagePath)).json(), document);
    const deleted = await request(mailtrap, messagePath, { method: "DELETE" });
    assert.deepEqual([deleted.status, await deleted.json()], [200, document]);

    assert.deepEqual(await (await request(mailtrap, listPath)).json(), []);
    for (const method of ["GET", "DELETE"]) await assertNotFound(mailtrap, messagePath, { method });
    await assertNotFound(mailtrap, document.download_path);
  });

  apiTest(`${name}: takes the token in Api-Token or as Bearer, and no other`, async (mailtrap) => {
    const { token } = mailtrap;
    const statusWith = async (headers: HeadersInit) => {
      const response = await fetch(mailtrap.apiUrl + path(mailtrap), { headers });
      const body = await response.json();
      if (response.status === 401) assert.deepEqual(body, { error: "Incorrect API token" });
      return response.status;
    };
    assert.equal(await statusWith({ "Api-Token": token }), 200);
    assert.equal(await statusWith({ Authorization: `Bearer ${token}` }), 200);
    const tokenScheme = { Authorization: `Token token=${token}` };
    assert.equal(await statusWith(tokenScheme), name === "v1" ? 200 : 401);
    assert.equal(await statusWith({}), 401);
    assert.equal(await statusWith({ "Api-Token": `${token}x` }), 401);
    assert.equal(await statusWith({ "Api-Token": "" }), 401);
    assert.equal(await statusWith({ Authorization: `Basic ${btoa(`x:${token}`)}` }), 401);
  });

  apiTest(`${name}: knows no other box`, async (mailtrap) => {
    await assertNotFound(mailtrap, path({ ...mailtrap, boxId: "999999" }));
  });
}

apiTest("answers 403 for another account", async (mailtrap) => {
  const path = `/api/accounts/999999/inboxes/${mailtrap.boxId}/messages`;
  const response = await request(mailtrap, path);
  assert.deepEqual([response.status, await response.json()], [403, {
    errors: "Account access forbidden",
  }]);
});

apiTest("lists 30 messages a page, newest first", async (mailtrap) => {
  await sendNumberedMails(mailtrap, 65);
  const subjects = async (query: string) =>
    (await listMessages(mailtrap, query)).map(({ subject }) => Number(subject));
  assert.deepEqual(await subjects(""), countDown(64, 35));
  assert.deepEqual(await subjects("?page=1"), countDown(64, 35));
  assert.deepEqual(await subjects("?page=2"), countDown(34, 5));
  assert.deepEqual(await subjects("?page=3"), countDown(4, 0));
  assert.deepEqual(await subjects("?page=4"), []);
  for (const nonsense of ["0", "-1", "x", "1.5", "9e99", "", "1e300000"]) {
    assert.deepEqual(await subjects(`?page=${nonsense}`), countDown(64, 35), nonsense);
  }
});

apiTest("continues after last_id", async (mailtrap) => {
  await sendNumberedMails(mailtrap, 65);
  const messages = await listAllMessages(mailtrap);
  assert.deepEqual(messages.map(({ subject }) => Number(subject)), countDown(64, 0));
});

apiTest(
  "skips messages when pages are walked while deleting, but not with last_id",
  async (mailtrap) => {
    await sendNumberedMails(mailtrap, 90);
    const firstPage = await listMessages(mailtrap);
    for (const { id } of firstPage) await deleteMessage(mailtrap, id);
    const bySkipping = await listMessages(mailtrap, "?page=2");
    assert.deepEqual(bySkipping.map(({ subject }) => Number(subject)), countDown(29, 0));
    const byLastId = await listMessages(mailtrap, `?last_id=${firstPage.at(-1)?.id}`);
    assert.deepEqual(byLastId.map(({ subject }) => Number(subject)), countDown(59, 30));
  },
);

apiTest("never gives an id twice", async (mailtrap) => {
  await sendMail(mailtrap, {});
  const first = await onlyMessage(mailtrap);
  await deleteMessage(mailtrap, first.id);
  await sendMail(mailtrap, {});
  assert.ok((await onlyMessage(mailtrap)).id > first.id);
});

apiTest("deletes once when asked twice at the same time", async (mailtrap) => {
  await sendMail(mailtrap, {});
  const { id } = await onlyMessage(mailtrap);
  const statuses = await Promise.all([deleteMessage(mailtrap, id), deleteMessage(mailtrap, id)]);
  assert.deepEqual(statuses.toSorted(), [200, 404]);
});

apiTest("hands out the parts of a mail", async (mailtrap) => {
  await sendMail(mailtrap, { text: "plain ✓", html: "<p>rich ✓</p>" });
  const { id } = await onlyMessage(mailtrap);
  const text = await request(mailtrap, `${messagesPath(mailtrap)}/${id}/body.txt`);
  assert.match(text.headers.get("Content-Type") ?? "", /^text\/plain/);
  assert.equal((await text.text()).trim(), "plain ✓");
  const html = await request(mailtrap, `${messagesPath(mailtrap)}/${id}/body.html`);
  assert.match(html.headers.get("Content-Type") ?? "", /^text\/html/);
  assert.equal((await html.text()).trim(), "<p>rich ✓</p>");
  const raw = await request(mailtrap, `${messagesPath(mailtrap)}/${id}/body.raw`);
  assert.match(raw.headers.get("Content-Type") ?? "", /^text\/plain/);
  assert.match(await raw.text(), /^From: /);
});

apiTest("hands out a large mail whole", async (mailtrap) => {
  const line = `${"x".repeat(76)}\r\n`;
  const raw = bytes(`Subject: large\r\n\r\n${line.repeat(15_000)}`);
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  assert.match(await dialogue.sendMail(raw), /^250 /);
  const message = await onlyMessage(mailtrap);
  assert.equal(message.email_size, raw.length);
  assert.deepEqual(await rawMessage(mailtrap, message), raw);
});

apiTest("answers 404 in JSON for what it does not have", async (mailtrap) => {
  await sendMail(mailtrap, { text: "no HTML here" });
  const { id } = await onlyMessage(mailtrap);
  const listPath = messagesPath(mailtrap);
  for (
    const path of [
      "/api",
      "/api/nothing",
      `${listPath}/${id}/nothing`,
      `${listPath}/${id}/body.html`,
      `${listPath}/x`,
      `${listPath}/-1`,
      `${listPath}/99999999999999999999`,
      "/messages/x",
      "/nothing",
    ]
  ) {
    await assertNotFound(mailtrap, path);
  }
  for (const method of ["PUT", "PATCH", "POST"]) {
    await assertNotFound(mailtrap, `${listPath}/${id}`, { method });
  }
  const head = await request(mailtrap, `${listPath}/${id}`, { method: "HEAD" });
  assert.equal(head.status, 404);
});

apiTest("says that it cannot search", async (mailtrap) => {
  const response = await request(mailtrap, `${messagesPath(mailtrap)}?search=x`);
  assert.equal(response.status, 400);
  assert.match((await response.json()).error, /^Cannot search/);
});

function countDown(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, index) => from - index);
}

async function assertNotFound(mailtrap: Mailtrap, path: string, init?: RequestInit): Promise<void> {
  const response = await request(mailtrap, path, init);
  assert.equal(response.status, 404, path);
  assert.deepEqual(await response.json(), { error: "Not Found" }, path);
}

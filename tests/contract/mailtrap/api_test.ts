import assert from "node:assert/strict";
import type { Mailtrap } from "../../../tasks/standins/mailtrap/mod.ts";
import {
  bytes,
  deleteMessage,
  listMessages,
  messagesPath,
  onlyMessage,
  request,
  sendMail,
  sendNumberedMails,
} from "../../../tasks/standins/mailtrap/testing/mailtrap_client.ts";
import { apiTest } from "../../fixture/mailtrap.ts";

const STYLES = [
  { name: "sandboxes", boxMember: "sandbox_id", path: messagesPath },
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
    const { created_at, updated_at, sent_at, email_size, text_body_size, ...rest } = document;
    assert.deepEqual(rest, {
      id: document.id,
      [boxMember]: Number(mailtrap.boxId),
      subject: "Grüße",
      from_email: "ann@example.com",
      from_name: "Ann Sender",
      to_email: "bob@example.com",
      to_name: "Bob",
      is_read: false,
      html_body_size: 0,
      human_size: `${email_size} Bytes`,
      html_path: `${messagePath}/body.html`,
      txt_path: `${messagePath}/body.txt`,
      raw_path: `${messagePath}/body.raw`,
      download_path: `${messagePath}/body.eml`,
      html_source_path: `${messagePath}/body.htmlsource`,
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

    const text = await request(mailtrap, document.txt_path);
    assert.equal((await text.arrayBuffer()).byteLength, text_body_size);

    assert.deepEqual(await (await request(mailtrap, messagePath)).json(), document);
    const deleted = await request(mailtrap, messagePath, { method: "DELETE" });
    assert.deepEqual([deleted.status, await deleted.json()], [200, document]);

    assert.deepEqual(await (await request(mailtrap, listPath)).json(), []);
    for (const method of ["GET", "DELETE"]) await assertNotFound(mailtrap, messagePath, { method });
    await assertNotFound(mailtrap, document.download_path);
  });

  apiTest(`${name}: takes the token in Api-Token or as Bearer, and no other`, async (mailtrap) => {
    const { token } = mailtrap;
    const cases: readonly (readonly [HeadersInit, boolean])[] = [
      [{ "Api-Token": token }, true],
      [{ Authorization: `Bearer ${token}` }, true],
      [{ Authorization: `Token token=${token}` }, name === "v1"],
      [{}, false],
      [{ "Api-Token": `${token}x` }, false],
      [{ "Api-Token": "" }, false],
      [{ Authorization: `Basic ${btoa(`x:${token}`)}` }, false],
    ];
    for (const [headers, isTaken] of cases) {
      const response = await fetch(mailtrap.url + path(mailtrap), { headers });
      const expected = isTaken ? [200, []] : [401, { error: "Incorrect API token" }];
      assert.deepEqual([response.status, await response.json()], expected);
    }
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

async function subjects(mailtrap: Mailtrap, query: string): Promise<readonly number[]> {
  return (await listMessages(mailtrap, query)).map(({ subject }) => Number(subject));
}

apiTest("lists 30 messages a page, newest first", async (mailtrap) => {
  await sendNumberedMails(mailtrap, 65);
  for (const first of ["", "1", "0", "-1", "x", "1.5", "9e99", "1e300000"]) {
    assert.deepEqual(await subjects(mailtrap, `?page=${first}`), countDown(64, 35), first);
  }
  assert.deepEqual(await subjects(mailtrap, ""), countDown(64, 35));
  assert.deepEqual(await subjects(mailtrap, "?page=2"), countDown(34, 5));
  assert.deepEqual(await subjects(mailtrap, "?page=3"), countDown(4, 0));
  assert.deepEqual(await subjects(mailtrap, "?page=4"), []);
});

apiTest(
  "skips messages when pages are walked while deleting, but not with last_id",
  async (mailtrap) => {
    await sendNumberedMails(mailtrap, 90);
    const firstPage = await listMessages(mailtrap);
    for (const { id } of firstPage) await deleteMessage(mailtrap, id);
    const after = `?last_id=${firstPage.at(-1)?.id}`;
    assert.deepEqual(await subjects(mailtrap, "?page=2"), countDown(29, 0));
    assert.deepEqual(await subjects(mailtrap, after), countDown(59, 30));
  },
);

apiTest("deletes once when asked twice, and never gives an id twice", async (mailtrap) => {
  await sendMail(mailtrap);
  const { id } = await onlyMessage(mailtrap);
  const statuses = await Promise.all([deleteMessage(mailtrap, id), deleteMessage(mailtrap, id)]);
  assert.deepEqual(statuses.toSorted(), [200, 404]);
  await sendMail(mailtrap);
  assert.ok((await onlyMessage(mailtrap)).id > id);
});

apiTest("hands out the parts of a mail", async (mailtrap) => {
  await sendMail(mailtrap, { text: "plain ✓", html: "<p>rich ✓</p>" });
  const { id, text_body_size, html_body_size } = await onlyMessage(mailtrap);
  const bodyOf = async (name: string) => {
    const { headers, body } = await request(mailtrap, `${messagesPath(mailtrap)}/${id}/${name}`);
    return {
      type: headers.get("Content-Type")?.split(";")[0],
      text: await new Response(body).text(),
    };
  };
  const plain = await bodyOf("body.txt");
  const rich = await bodyOf("body.html");
  assert.deepEqual([plain.type, plain.text.trim()], ["text/plain", "plain ✓"]);
  assert.deepEqual([rich.type, rich.text.trim()], ["text/html", "<p>rich ✓</p>"]);
  assert.deepEqual([text_body_size, html_body_size], [
    bytes(plain.text).length,
    bytes(rich.text).length,
  ]);
  assert.equal((await bodyOf("body.htmlsource")).text, rich.text);
  const raw = await bodyOf("body.raw");
  assert.equal(raw.type, "text/plain");
  assert.match(raw.text, /^From: /);
});

apiTest(
  "answers 404 in JSON for a message, a body or a page that is not there",
  async (mailtrap) => {
    await sendMail(mailtrap, { text: "no HTML here" });
    const { id } = await onlyMessage(mailtrap);
    const listPath = messagesPath(mailtrap);
    for (
      const path of [
        `${listPath}/${id + 1}`,
        `${listPath}/${id}/body.html`,
        `${listPath}/${id}/body.htmlsource`,
        `${listPath}/x`,
        `${listPath}/-1`,
        `${listPath}/99999999999999999999`,
        "/messages/x",
        "/nothing",
      ]
    ) {
      await assertNotFound(mailtrap, path);
    }
  },
);

apiTest("says of each route that only Mailtrap has that it has not got it", async (mailtrap) => {
  await sendMail(mailtrap);
  const { id } = await onlyMessage(mailtrap);
  const listPath = messagesPath(mailtrap);
  for (
    const [method, path] of [
      ["GET", "/api"],
      ["GET", "/api/accounts"],
      ["GET", `/api/accounts/${mailtrap.accountId}/inboxes`],
      ["PATCH", `/api/sandboxes/${mailtrap.boxId}/clean`],
      ["POST", listPath],
      ["PUT", `${listPath}/${id}`],
      ["PATCH", `${listPath}/${id}`],
      ["GET", `${listPath}/${id}/spam_report`],
      ["GET", `${listPath}/${id}/analyze`],
      ["GET", `${listPath}/${id}/mail_headers`],
      ["GET", `${listPath}/${id}/attachments`],
      ["POST", `${listPath}/${id}/forward`],
    ] as const
  ) {
    const response = await request(mailtrap, path, { method });
    assert.equal(response.status, 501, path);
    assert.deepEqual(await response.json(), {
      error: `Cannot answer ${method} ${path}: the stand-in has no such route; use Mailtrap`,
    });
  }
  assert.equal((await request(mailtrap, `${listPath}/${id}`, { method: "HEAD" })).status, 501);
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

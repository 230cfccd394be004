import assert from "node:assert/strict";
import { ACCOUNT_ID, BOX_ID } from "../../../tasks/standins/mailtrap/api_styles.ts";
import {
  bytes,
  type MailtrapClient,
} from "../../../tasks/standins/mailtrap/testing/mailtrap_client.ts";
import { apiTest } from "../../fixture/mailtrap.ts";

const STYLES = [
  { name: "sandboxes", boxMember: "sandbox_id", boxes: "/api/sandboxes" },
  { name: "accounts", boxMember: "inbox_id", boxes: `/api/accounts/${ACCOUNT_ID}/inboxes` },
  { name: "v1", boxMember: "inbox_id", boxes: "/api/v1/inboxes" },
];

const NOT_FOUND = [404, { error: "Not Found" }];

for (const { name, boxMember, boxes } of STYLES) {
  const listPath = `${boxes}/${BOX_ID}/messages`;
  apiTest(`${name}: lists, reads and deletes`, async (mailtrap) => {
    await mailtrap.send({
      from: { name: "Ann Sender", address: "ann@example.com" },
      to: "Bob <bob@example.com>",
      subject: "Grüße",
    });
    const [status, [document, ...others]] = await mailtrap.ask(listPath);
    assert.deepEqual([status, others], [200, []]);
    const messagePath = `${listPath}/${document.id}`;
    const { created_at, updated_at, sent_at, email_size, text_body_size, ...rest } = document;
    assert.deepEqual(rest, {
      id: document.id,
      [boxMember]: BOX_ID,
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

    const raw = await mailtrap.request(document.download_path);
    assert.equal(raw.headers.get("Content-Type"), "message/rfc822");
    assert.equal((await raw.arrayBuffer()).byteLength, email_size);

    const text = await mailtrap.request(document.txt_path);
    assert.equal((await text.arrayBuffer()).byteLength, text_body_size);

    for (const method of ["GET", "DELETE"]) {
      assert.deepEqual(await mailtrap.ask(messagePath, { method }), [200, document]);
    }
    assert.deepEqual(await mailtrap.ask(listPath), [200, []]);
    for (const method of ["GET", "DELETE"]) {
      assert.deepEqual(await mailtrap.ask(messagePath, { method }), NOT_FOUND);
    }
    assert.deepEqual(await mailtrap.ask(document.download_path), NOT_FOUND);
  });

  apiTest(`${name}: takes the token in Api-Token or as Bearer, and no other`, async (mailtrap) => {
    const { MAILTRAP_TOKEN: token = "" } = mailtrap.variables;
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
      const expected = isTaken ? [200, []] : [401, { error: "Incorrect API token" }];
      assert.deepEqual(await mailtrap.ask(listPath, { headers }), expected);
    }
  });

  apiTest(`${name}: knows no other box`, async (mailtrap) => {
    assert.deepEqual(await mailtrap.ask(`${boxes}/999999/messages`), NOT_FOUND);
  });
}

apiTest("answers 403 for another account", async (mailtrap) => {
  const path = `/api/accounts/999999/inboxes/${BOX_ID}/messages`;
  const refusal = { errors: "Account access forbidden" };
  assert.deepEqual(await mailtrap.ask(path), [403, refusal]);
});

async function subjects(mailtrap: MailtrapClient, query: string): Promise<readonly number[]> {
  return (await mailtrap.list(query)).map(({ subject }) => Number(subject));
}

apiTest("lists 30 messages a page, newest first", async (mailtrap) => {
  await mailtrap.sendNumbered(65);
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
    await mailtrap.sendNumbered(90);
    const firstPage = await mailtrap.list();
    for (const { id } of firstPage) {
      await mailtrap.ask(`${mailtrap.messages}/${id}`, { method: "DELETE" });
    }
    const after = `?last_id=${firstPage.at(-1)?.id}`;
    assert.deepEqual(await subjects(mailtrap, "?page=2"), countDown(29, 0));
    assert.deepEqual(await subjects(mailtrap, after), countDown(59, 30));
  },
);

apiTest("deletes once when asked twice, and never gives an id twice", async (mailtrap) => {
  await mailtrap.send();
  const { id } = await mailtrap.only();
  const remove = () => mailtrap.ask(`${mailtrap.messages}/${id}`, { method: "DELETE" });
  const statuses = (await Promise.all([remove(), remove()])).map(([status]) => status);
  assert.deepEqual(statuses.toSorted(), [200, 404]);
  await mailtrap.send();
  assert.ok((await mailtrap.only()).id > id);
});

apiTest("hands out the parts of a mail", async (mailtrap) => {
  await mailtrap.send({ text: "plain ✓", html: "<p>rich ✓</p>" });
  const { id, text_body_size, html_body_size } = await mailtrap.only();
  const bodyOf = async (name: string) => {
    const response = await mailtrap.request(`${mailtrap.messages}/${id}/${name}`);
    const type = response.headers.get("Content-Type")?.split(";")[0];
    return { type, text: await response.text() };
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
    await mailtrap.send({ text: "no HTML here" });
    const { id } = await mailtrap.only();
    const listPath = mailtrap.messages;
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
      assert.deepEqual(await mailtrap.ask(path), NOT_FOUND, path);
    }
  },
);

apiTest("says of each route that only Mailtrap has that it has not got it", async (mailtrap) => {
  await mailtrap.send();
  const { id } = await mailtrap.only();
  const listPath = mailtrap.messages;
  for (
    const [method, path] of [
      ["GET", "/api"],
      ["GET", "/api/accounts"],
      ["GET", `/api/accounts/${ACCOUNT_ID}/inboxes`],
      ["PATCH", `/api/sandboxes/${BOX_ID}/clean`],
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
    const error = `Cannot answer ${method} ${path}: the stand-in has no such route; use Mailtrap`;
    assert.deepEqual(await mailtrap.ask(path, { method }), [501, { error }]);
  }
  assert.equal((await mailtrap.request(`${listPath}/${id}`, { method: "HEAD" })).status, 501);
});

apiTest("says that it cannot search", async (mailtrap) => {
  const [status, { error }] = await mailtrap.ask(`${mailtrap.messages}?search=x`);
  assert.equal(status, 400);
  assert.match(error, /^Cannot search/);
});

function countDown(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, index) => from - index);
}

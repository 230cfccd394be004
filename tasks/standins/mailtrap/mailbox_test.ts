import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { SqliteStore } from "../sqlite.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";

function mailboxTest(
  name: string,
  run: (mailbox: Mailbox, database: DatabaseSync) => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    using database = new SqliteStore("mailtrap", undefined, MAILBOX_SCHEMA);
    await run(new Mailbox(database), database);
  });
}

const SUMMARY = {
  subject: "subject",
  fromEmail: "from@example.com",
  fromName: "",
  toEmail: "to@example.com",
  toName: "",
  textBytes: 7,
  htmlBytes: 0,
};

function add(mailbox: Mailbox, raw = new Uint8Array(10), subject = "subject"): number {
  const mail = { raw, mailFrom: "", recipients: [], clientIp: "127.0.0.1" };
  return mailbox.add(mail, { ...SUMMARY, subject });
}

for (const sizeBytes of [0, 1, 262_143, 262_144, 262_145, 1_000_000]) {
  mailboxTest(`raw() gives back the ${sizeBytes} bytes that add() was given`, async (mailbox) => {
    const raw = Uint8Array.from({ length: sizeBytes }, (_, index) => index * 7);
    const message = mailbox.find(add(mailbox, raw));
    assert.ok(message !== undefined);
    assert.deepEqual(await new Response(mailbox.raw(message)).bytes(), raw);
  });
}

mailboxTest("raw() errors when the mail is deleted meanwhile", async (mailbox) => {
  const id = add(mailbox, new Uint8Array(1_000_000));
  const message = mailbox.find(id);
  assert.ok(message !== undefined);
  const reader = mailbox.raw(message).getReader();
  assert.equal((await reader.read()).done, false);
  mailbox.remove(id);
  await assert.rejects(reader.read(), /it was deleted meanwhile/);
});

mailboxTest(
  "remove() deletes a mail and everything that belongs to it",
  (mailbox, database) => {
    const id = add(mailbox);
    mailbox.remove(id);
    assert.equal(mailbox.find(id), undefined);
    for (const table of ["message", "message_part", "message_body_size"]) {
      assert.equal(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows, 0, table);
    }
  },
);

mailboxTest("list() has mails from before the sizes of bodies were kept", (mailbox, database) => {
  add(mailbox);
  database.exec("DELETE FROM message_body_size");
  assert.deepEqual(mailbox.list({ limit: 1 }).map(({ textBytes }) => textBytes), [0]);
});

mailboxTest("add() keeps nothing of a mail when it throws", (mailbox) => {
  // A string where SQLite expects bytes: the insert of the part fails after that of the message.
  const raw = new Proxy(new Uint8Array(1), {
    get: (target, property) =>
      property === "subarray" ? () => "text" : Reflect.get(target, property, target),
  });
  assert.throws(() => add(mailbox, raw));
  assert.equal(mailbox.size, 0);
  add(mailbox);
  assert.equal(mailbox.size, 1);
});

mailboxTest("add() keeps text as it is, with a replacement for NUL", (mailbox) => {
  const id = add(mailbox, undefined, "'; DROP TABLE message; -- \0 \u0001 \u{1f995}");
  assert.equal(mailbox.find(id)?.subject, "'; DROP TABLE message; -- \uFFFD \u0001 \u{1f995}");
});

import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { openStore } from "../sqlite.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";
import type { ReceivedMessage } from "./message.ts";

function withMailbox(
  run: (mailbox: Mailbox, database: DatabaseSync) => void | Promise<void>,
): () => Promise<void> {
  return async () => {
    using database = openStore("mailtrap", undefined, MAILBOX_SCHEMA);
    await run(new Mailbox(database), database);
  };
}

function mail(raw: Uint8Array = new Uint8Array(10), subject = "subject"): ReceivedMessage {
  return {
    raw,
    subject,
    fromEmail: "from@example.com",
    fromName: "",
    toEmail: "to@example.com",
    toName: "",
    mailFrom: "",
    clientIp: "127.0.0.1",
  };
}

async function rawOf(mailbox: Mailbox, id: number): Promise<Uint8Array> {
  const message = mailbox.find(id);
  assert.ok(message !== undefined);
  return new Uint8Array(await new Response(mailbox.raw(message)).arrayBuffer());
}

for (const sizeBytes of [0, 1, 262_143, 262_144, 262_145, 1_000_000]) {
  Deno.test(
    `raw() gives back the ${sizeBytes} bytes that add() was given`,
    withMailbox(async (mailbox) => {
      const raw = Uint8Array.from({ length: sizeBytes }, (_, index) => index * 7);
      assert.deepEqual(await rawOf(mailbox, mailbox.add(mail(raw))), raw);
    }),
  );
}

Deno.test(
  "raw() errors when the mail is deleted meanwhile",
  withMailbox(async (mailbox) => {
    const id = mailbox.add(mail(new Uint8Array(1_000_000)));
    const message = mailbox.find(id);
    assert.ok(message !== undefined);
    const reader = mailbox.raw(message).getReader();
    assert.equal((await reader.read()).done, false);
    mailbox.remove(id);
    await assert.rejects(reader.read(), /it was deleted meanwhile/);
  }),
);

Deno.test(
  "remove() takes a mail and its bytes out of the store, once",
  withMailbox((mailbox, database) => {
    const id = mailbox.add(mail());
    const stored = mailbox.find(id);
    assert.deepEqual(mailbox.remove(id), stored);
    assert.equal(mailbox.remove(id), undefined);
    assert.equal(mailbox.size, 0);
    assert.equal(database.prepare("SELECT count(*) AS parts FROM message_part").get()?.parts, 0);
  }),
);

Deno.test(
  "add() never uses an id again",
  withMailbox((mailbox) => {
    const first = mailbox.add(mail());
    mailbox.remove(first);
    assert.ok(mailbox.add(mail()) > first);
  }),
);

Deno.test(
  "add() keeps nothing of a mail when it throws",
  withMailbox((mailbox) => {
    // A string where SQLite expects bytes: the insert of the part fails after that of the message.
    const raw = new Proxy(new Uint8Array(1), {
      get: (target, property) =>
        property === "subarray" ? () => "text" : Reflect.get(target, property, target),
    });
    assert.throws(() => mailbox.add(mail(raw)));
    assert.equal(mailbox.size, 0);
    mailbox.add(mail());
    assert.equal(mailbox.size, 1);
  }),
);

Deno.test(
  "add() keeps text as it is, with a replacement for NUL",
  withMailbox((mailbox) => {
    const id = mailbox.add(mail(undefined, "'; DROP TABLE message; -- \0 \u0001 \u{1f995}"));
    assert.equal(
      mailbox.find(id)?.subject,
      "'; DROP TABLE message; -- \uFFFD \u0001 \u{1f995}",
    );
  }),
);

Deno.test(
  "list() returns the newest first, from where it is told",
  withMailbox((mailbox) => {
    const ids = [1, 2, 3, 4, 5].map(() => mailbox.add(mail()));
    const listed = (range: Parameters<Mailbox["list"]>[0]) =>
      mailbox.list(range).map(({ id }) => ids.indexOf(id));
    assert.deepEqual(listed({ limit: 3 }), [4, 3, 2]);
    assert.deepEqual(listed({ limit: 3, offset: 3 }), [1, 0]);
    assert.deepEqual(listed({ limit: 2, beforeId: ids[3] ?? 0 }), [2, 1]);
  }),
);

Deno.test(
  "markRead() changes the mail once",
  withMailbox((mailbox) => {
    const id = mailbox.add(mail());
    assert.equal(mailbox.find(id)?.isRead, false);
    mailbox.markRead(id);
    const read = mailbox.find(id);
    assert.equal(read?.isRead, true);
    mailbox.markRead(id);
    assert.deepEqual(mailbox.find(id), read);
  }),
);

/**
 * The ceiling of archiving: fetch, insert, delete, as many at a time as the mail poller, and nothing else. Nothing is parsed, and
 * a mail that comes twice is stored twice.
 *
 * @module
 */
import { Binary, MongoClient } from "mongodb";
import { POLL_CONCURRENCY } from "../load/inbox.ts";
import { serveCommands, settingsOf } from "./command_server.ts";

export interface BareArchiverSettings {
  readonly inboxUrl: string;
  readonly token: string;
  readonly mongodbUrl: string;
}

const { inboxUrl, token, mongodbUrl } = settingsOf<BareArchiverSettings>();
const messages = `${inboxUrl}/api/sandboxes/1/messages`;
const headers = { "Api-Token": token };
const mongo = new MongoClient(mongodbUrl, { writeConcern: { w: "majority", journal: true } });
const collection = mongo.db(new URL(mongodbUrl).pathname.slice(1)).collection("bare");

await serveCommands(async () => {
  for (;;) {
    const page: readonly { readonly id: number }[] = await (await fetch(messages, { headers }))
      .json();
    if (page.length === 0) return;
    const queue = page.values();
    await Promise.all(Array.from({ length: POLL_CONCURRENCY }, async () => {
      for (const { id } of queue) await archive(id);
    }));
  }
});

async function archive(id: number): Promise<void> {
  const mail = await fetch(`${messages}/${id}/body.eml`, { headers });
  await collection.insertOne({ raw: new Binary(await mail.bytes()), mailtrapId: id });
  const deleted = await fetch(`${messages}/${id}`, { method: "DELETE", headers });
  await deleted.body?.cancel();
}

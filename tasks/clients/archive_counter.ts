import { COLLECTION, MongoArchive, type StoredDocument } from "@playground/poller/archive";
import { MongoClient } from "mongodb";

/** A database that does not answer is asked again in a moment. */
const TIMEOUT_MS = 5_000;

/** Counts the archived emails of a run. Disposing it closes the connections. */
export type ArchiveCounter = Awaited<ReturnType<typeof openArchiveCounter>>;

/**
 * Connects, before the run starts.
 *
 * @throws {Error} If the database does not answer.
 */
export async function openArchiveCounter(url: string, sender: string) {
  // The poller's own reading of the connection string, so that both mean the same database.
  await using archive = new MongoArchive(url);
  await using resources = new AsyncDisposableStack();
  const timeouts = { serverSelectionTimeoutMS: TIMEOUT_MS, socketTimeoutMS: TIMEOUT_MS };
  const client = new MongoClient(url, { appName: "load", ...timeouts });
  resources.defer(() => client.close());
  const mails = client.db(archive.server.database).collection<StoredDocument>(COLLECTION);
  const countBefore = await mails.estimatedDocumentCount();
  return Object.assign(resources.move(), {
    /** Counts all mails archived since the start, those of other runs included. It is quick: the database keeps this number. */
    async estimate(): Promise<number> {
      return Math.max(0, await mails.estimatedDocumentCount() - countBefore);
    },

    /**
     * Counts the emails of the run that have a mail in the archive. For this, the database scans every document.
     *
     * A mail's id is only a claim: a dead letter does not count as archived.
     */
    async exact(deadLettered: ReadonlySet<string> = new Set()): Promise<number> {
      const own = mails.find({ "from.address": sender }, { projection: { emailId: 1 } });
      const emailIds = new Set<string>();
      for await (const { emailId } of own) if (emailId !== null) emailIds.add(emailId);
      return emailIds.difference(deadLettered).size;
    },
  });
}

import { COLLECTION, MongoArchive } from "@playground/poller/archive";
import { type Collection, MongoClient } from "mongodb";

/** A database that does not answer is asked again in a moment. */
const TIMEOUT_MS = 5_000;

interface ArchivedMail {
  /** Of which email the mail says that it is; `null` where it says nothing. */
  readonly emailId: string | null;
}

/** Counts the archived emails of a run. Disposing it closes the connections. */
export class ArchiveCounter implements AsyncDisposable {
  readonly #client: MongoClient;
  readonly #collection: Collection<ArchivedMail>;
  readonly #sender: string;
  readonly #countBefore: number;

  private constructor(
    client: MongoClient,
    collection: Collection<ArchivedMail>,
    sender: string,
    countBefore: number,
  ) {
    this.#client = client;
    this.#collection = collection;
    this.#sender = sender;
    this.#countBefore = countBefore;
  }

  /**
   * Connects, before the run starts.
   *
   * @throws {Error} If the database does not answer.
   */
  static async open(url: string, sender: string): Promise<ArchiveCounter> {
    await using resources = new AsyncDisposableStack();
    const client = resources.adopt(
      new MongoClient(url, {
        appName: "load",
        serverSelectionTimeoutMS: TIMEOUT_MS,
        socketTimeoutMS: TIMEOUT_MS,
      }),
      (client) => client.close(),
    );
    const collection = client.db(await databaseOf(url)).collection<ArchivedMail>(COLLECTION);
    const countBefore = await collection.estimatedDocumentCount();
    resources.move();
    return new ArchiveCounter(client, collection, sender, countBefore);
  }

  /**
   * Counts the mails that were archived since the start, whosever they are: the database has the number at hand.
   */
  async estimate(): Promise<number> {
    return Math.max(0, await this.#collection.estimatedDocumentCount() - this.#countBefore);
  }

  /**
   * Counts the emails of the run that have a mail in the archive. The database looks at every document for it.
   *
   * What a mail says of itself is a claim: it does not make an email archived that the emailer has given up.
   */
  async exact(deadLettered: ReadonlySet<string> = new Set()): Promise<number> {
    const mails = this.#collection.find(
      { "from.address": this.#sender },
      { projection: { emailId: 1 } },
    );
    const emailIds = new Set<string>();
    for await (const { emailId } of mails) if (emailId !== null) emailIds.add(emailId);
    return emailIds.difference(deadLettered).size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}

/** The poller's own reading of the connection string, so that both mean the same database. */
async function databaseOf(url: string): Promise<string> {
  await using archive = new MongoArchive(url);
  return archive.namespace.slice(0, -`.${COLLECTION}`.length);
}

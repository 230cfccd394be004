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
  readonly #mails: Collection<ArchivedMail>;
  readonly #sender: string;
  #countBefore = 0;

  private constructor(url: string, database: string, sender: string) {
    this.#client = new MongoClient(url, {
      appName: "load",
      serverSelectionTimeoutMS: TIMEOUT_MS,
      socketTimeoutMS: TIMEOUT_MS,
    });
    this.#mails = this.#client.db(database).collection(COLLECTION);
    this.#sender = sender;
  }

  /**
   * Connects, before the run starts.
   *
   * @throws {Error} If the database does not answer.
   */
  static async open(url: string, sender: string): Promise<ArchiveCounter> {
    // The poller's own reading of the connection string, so that both mean the same database.
    await using archive = new MongoArchive(url);
    const { database } = archive.server;
    await using resources = new AsyncDisposableStack();
    const counter = resources.use(new ArchiveCounter(url, database, sender));
    counter.#countBefore = await counter.#mails.estimatedDocumentCount();
    resources.move();
    return counter;
  }

  /** Counts the mails that were archived since the start, whosever they are: the database has the number at hand. */
  async estimate(): Promise<number> {
    return Math.max(0, await this.#mails.estimatedDocumentCount() - this.#countBefore);
  }

  /**
   * Counts the emails of the run that have a mail in the archive. The database looks at every document for it.
   *
   * What a mail says of itself is a claim: it does not make an email archived that the emailer has given up.
   */
  async exact(deadLettered: ReadonlySet<string> = new Set()): Promise<number> {
    const mails = this.#mails.find(
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

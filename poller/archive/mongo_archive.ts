import { type Collection, MongoClient, MongoServerError } from "mongodb";
import type { Archive, ArchiveReader, PingOutcome, ReadOutcome, StoreOutcome } from "./archive.ts";
import {
  type ArchiveDocument,
  type Delivery,
  type StoredDocument,
  toArchivedMail,
} from "./document.ts";

/** The database of a connection string that names none. */
const DEFAULT_DATABASE = "messages";
/** The collection. */
export const COLLECTION = "raw";
/** How long a write looks for a server before it fails; the mail is still in the inbox, and the next poll tries again. */
const SERVER_SELECTION_TIMEOUT_MS = 5_000;
/** A server that says nothing for so long in the middle of a write has failed. */
const OPERATION_TIMEOUT_MS = 15_000;
/** What MongoDB answers when two writers insert the same `_id` at once. */
const DUPLICATE_KEY = 11_000;

/** Where mails are stored, as spans and metrics name it. */
export interface DatabaseServer {
  /** The name of the server. */
  readonly hostname: string;
  /** Its port; unknown where the names come from DNS. */
  readonly port?: number | undefined;
  /** The database in it. */
  readonly database: string;
  /** The collection of the mails. */
  readonly collection: string;
}

/** The archive in MongoDB. Disposing it closes the connections. */
export class MongoArchive implements Archive, ArchiveReader, AsyncDisposable {
  readonly #url: string;
  #client: MongoClient;
  #isConnected = false;

  constructor(url: string) {
    this.#url = url;
    this.#client = createClient(url);
  }

  /** The first server of the connection string. */
  get server(): DatabaseServer {
    const { host = "", port } = this.#client.options.hosts[0] ?? {};
    return { hostname: host, port, database: databaseOf(this.#url), collection: COLLECTION };
  }

  /** Stores a document; see {@linkcode Archive}. */
  async store(document: ArchiveDocument, delivery: Delivery): Promise<StoreOutcome> {
    try {
      return await this.#upsert(document, delivery).catch((error) => {
        // Another poller inserted it between our look and our write: now it is there, and the delivery is added.
        if (isDuplicateKey(error)) return this.#upsert(document, delivery);
        throw error;
      });
    } catch (error) {
      return { status: "failed", reason: `MongoDB did not store the mail: ${textOf(error)}` };
    }
  }

  /** Reads a mail; see {@linkcode ArchiveReader}. */
  async read(documentId: string): Promise<ReadOutcome> {
    try {
      const collection = await this.#collection();
      const document = await collection.findOne<Omit<StoredDocument, "raw">>(
        { _id: documentId },
        { projection: { raw: 0 } },
      );
      return document === null
        ? { status: "unknown" }
        : { status: "found", mail: toArchivedMail(document) };
    } catch (error) {
      return { status: "failed", reason: `MongoDB did not read the mail: ${textOf(error)}` };
    }
  }

  /** Asks the database server whether it is there. */
  async ping(): Promise<PingOutcome> {
    try {
      await (await this.#collection()).db.command({ ping: 1 });
      return { status: "answered" };
    } catch (error) {
      return { status: "failed", reason: `MongoDB does not answer: ${textOf(error)}` };
    }
  }

  /** Closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  async #upsert({ _id, ...content }: ArchiveDocument, delivery: Delivery): Promise<StoreOutcome> {
    const collection = await this.#collection();
    const { upsertedCount } = await collection.updateOne(
      { _id },
      { $setOnInsert: content, $addToSet: { deliveries: delivery } },
      { upsert: true },
    );
    return { status: "stored", isNew: upsertedCount === 1 };
  }

  /**
   * The collection, connected. The driver finds a server that went away by itself, but a client whose first connection failed is
   * of no use any more ("Topology is closed"), so that the next try has a new one.
   */
  async #collection(): Promise<Collection<StoredDocument>> {
    const client = this.#client;
    try {
      await client.connect();
      this.#isConnected = true;
    } catch (error) {
      if (!this.#isConnected && client === this.#client) {
        this.#client = createClient(this.#url);
        await client.close();
      }
      throw error;
    }
    return client.db(databaseOf(this.#url)).collection<StoredDocument>(COLLECTION);
  }
}

function createClient(url: string): MongoClient {
  return new MongoClient(url, {
    appName: "mail-poller",
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    socketTimeoutMS: OPERATION_TIMEOUT_MS,
    // Only what a majority has on disk is safe to be deleted from the inbox.
    writeConcern: { w: "majority", journal: true },
  });
}

/** The driver itself takes `test` where the connection string names no database. */
function databaseOf(url: string): string {
  const name = url.match(/^mongodb(?:\+srv)?:\/\/[^/]+\/(?<name>[^?]+)/)?.groups?.name;
  return name === undefined ? DEFAULT_DATABASE : decodeURIComponent(name);
}

function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

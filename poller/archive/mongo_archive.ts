import type { Readiness } from "@playground/shared/lifecycle";
import { type Collection, MongoClient, MongoServerError } from "mongodb";
import type { Archive, ArchiveReader, ReadOutcome, StoreOutcome } from "./archive.ts";
import {
  type ArchiveDocument,
  type Delivery,
  type StoredDocument,
  toArchivedMail,
} from "./document.ts";

const DEFAULT_DATABASE = "messages";
/** The collection. */
export const COLLECTION = "raw";
/** How long a write waits for a server before it fails; the mail stays in the inbox, and the next poll tries again. */
const SERVER_SELECTION_TIMEOUT_MS = 5_000;
/** A server that is silent for this long during a write has failed. */
const OPERATION_TIMEOUT_MS = 15_000;
/** MongoDB's error when two writers insert the same `_id` at once. */
const DUPLICATE_KEY = 11_000;

/** The archive's location, for spans and metrics. */
export interface DatabaseServer {
  readonly hostname: string;
  /** Its port; unknown where the names come from DNS. */
  readonly port?: number | undefined;
  readonly database: string;
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

  async store(document: ArchiveDocument, delivery: Delivery): Promise<StoreOutcome> {
    try {
      return await this.#upsert(document, delivery).catch((error) => {
        // Another poller inserted it between our read and our write: the retry adds the delivery.
        if (isDuplicateKey(error)) return this.#upsert(document, delivery);
        throw error;
      });
    } catch (error) {
      return { status: "failed", reason: `MongoDB did not store the mail: ${textOf(error)}` };
    }
  }

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

  /** Whether the database answers. */
  async readiness(): Promise<Readiness> {
    try {
      await (await this.#collection()).db.command({ ping: 1 });
      return { ready: true };
    } catch (error) {
      return { ready: false, reason: `MongoDB does not answer: ${textOf(error)}` };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  async #upsert({ _id, ...content }: ArchiveDocument, delivery: Delivery): Promise<StoreOutcome> {
    const collection = await this.#collection();
    const { matchedCount, upsertedCount } = await collection.updateOne(
      { _id },
      { $setOnInsert: content, $addToSet: { deliveries: delivery } },
      { upsert: true },
    );
    // The mail is deleted next: success alone is not enough.
    if (matchedCount + upsertedCount !== 1) throw new Error("it answered that nothing was written");
    return { status: "stored", isNew: upsertedCount === 1 };
  }

  /**
   * The collection, connected. The driver reconnects to a lost server, but a client whose first connection failed is unusable
   * ("Topology is closed"), so the next try gets a new one.
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
    const { wtimeoutMS } = client.options.writeConcern ?? {};
    return client.db(databaseOf(this.#url)).collection<StoredDocument>(COLLECTION, {
      // A mail may be deleted from the inbox only when a majority has it on disk. `journal` in the address would override the
      // client's own option.
      writeConcern: { w: "majority", journal: true, wtimeoutMS },
    });
  }
}

function createClient(url: string): MongoClient {
  return new MongoClient(url, {
    appName: "mail-poller",
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    socketTimeoutMS: OPERATION_TIMEOUT_MS,
  });
}

/** The driver's own default database is `test`. */
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

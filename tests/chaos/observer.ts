import { COLLECTION } from "@playground/poller/archive";
import { type Collection, MongoClient } from "mongodb";
import { z } from "zod";
import type { DirectAddresses } from "./system.ts";

/** A document of the archive, as far as it is looked at. */
export interface ArchivedEmail {
  /** Its content address. */
  readonly _id: string;
  /** The email's id; `null` where the mail was none of ours. */
  readonly emailId: string | null;
  /** How it came, each time. */
  readonly deliveries: readonly unknown[];
}

const TIMEOUT_MS = 5_000;
const inboxSchema = z.array(z.unknown());

/** Looks at the archive and the inbox from outside, past all proxies. Disposing it closes its connections. */
export class Observer implements AsyncDisposable {
  readonly #addresses: DirectAddresses;
  readonly #mongo: MongoClient;

  constructor(addresses: DirectAddresses) {
    this.#addresses = addresses;
    this.#mongo = new MongoClient(addresses.mongodbUrl, { serverSelectionTimeoutMS: TIMEOUT_MS });
  }

  /** Counts the archived documents. */
  async archivedCount(): Promise<number> {
    return await this.#archive.countDocuments();
  }

  /** Reads the archive. */
  async archived(): Promise<readonly ArchivedEmail[]> {
    return await this.#archive.find({}, { projection: { emailId: 1, deliveries: 1 } }).toArray();
  }

  /** Counts the mails in the inbox. */
  async inboxCount(): Promise<number> {
    const { inboxUrl, mailtrapToken } = this.#addresses;
    const response = await fetch(inboxUrl, {
      headers: { "Api-Token": mailtrapToken },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return inboxSchema.parse(await response.json()).length;
  }

  /** Removes the run's database. */
  async dropDatabase(): Promise<void> {
    await this.#mongo.db().dropDatabase();
  }

  /** Closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mongo.close();
  }

  get #archive(): Collection<ArchivedEmail> {
    return this.#mongo.db().collection<ArchivedEmail>(COLLECTION);
  }
}

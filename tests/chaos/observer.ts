import { COLLECTION } from "@playground/poller/archive";
import { type Collection, MongoClient } from "mongodb";
import { z } from "zod";
import type { DirectAddresses } from "./system.ts";

export interface ArchivedEmail {
  readonly _id: string;
  /** The email's id; `null` where the mail was none of ours. */
  readonly emailId: string | null;
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

  async archivedCount(): Promise<number> {
    return await this.#archive.countDocuments();
  }

  async archived(): Promise<readonly ArchivedEmail[]> {
    return await this.#archive.find({}, { projection: { emailId: 1, deliveries: 1 } }).toArray();
  }

  async inboxCount(): Promise<number> {
    const { inboxUrl, mailtrapToken } = this.#addresses;
    const response = await fetch(inboxUrl, {
      headers: { "Api-Token": mailtrapToken },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return inboxSchema.parse(await response.json()).length;
  }

  async dropDatabase(): Promise<void> {
    await this.#mongo.db().dropDatabase();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mongo.close();
  }

  get #archive(): Collection<ArchivedEmail> {
    return this.#mongo.db().collection<ArchivedEmail>(COLLECTION);
  }
}

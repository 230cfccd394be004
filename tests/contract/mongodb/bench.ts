/**
 * What the system relies on in a MongoDB, checked against the stand-in and, where `TEST_MONGODB_URL` names one, against
 * a real server. Where both differ, the stand-in is wrong.
 *
 * {@linkcode contract} registers a test for both; it is given a {@linkcode Bench} with a database of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { contractTargets, integrationTest } from "@playground/shared/testing";
import {
  type Collection,
  type Db,
  type Document,
  MongoClient,
  MongoServerError,
  type ObjectId,
} from "mongodb";
import { startMongodb } from "../../../tasks/standins/mongodb/mod.ts";

/** A server that runs. */
interface Server extends AsyncDisposable {
  readonly url: string;
}

/** What a test works with. */
export interface Bench {
  /** An empty database. */
  readonly database: Db;
  /** A collection in it that does not exist yet. */
  readonly emails: Collection<Email>;
  /** A further client, closed with the test. */
  readonly connect: (options?: Record<string, unknown>) => Db;
}

/** A document with a key of the archive's kind, and free fields. */
export type Email = Document & { _id: string | number | ObjectId };

const TARGETS = contractTargets<Server>(
  "TEST_MONGODB_URL",
  () => startMongodb({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers one test for each target. */
export function contract(name: string, run: (bench: Bench) => Promise<void>): void {
  for (const target of TARGETS) {
    const options = target.ignoredBecause === undefined
      ? {}
      : { ignoredBecause: target.ignoredBecause };
    integrationTest(`mongodb (${target.name}): ${name}`, async () => {
      await using server = await target.start();
      const databaseName = `contract_${crypto.randomUUID().replaceAll("-", "")}`;
      const clients: MongoClient[] = [];
      const connect = (options: Record<string, unknown> = {}) => {
        const client = new MongoClient(server.url, {
          directConnection: true,
          serverSelectionTimeoutMS: 5000,
          ...options,
        });
        clients.push(client);
        return client.db(databaseName);
      };
      const database = connect();
      try {
        await run({ database, emails: database.collection<Email>("emails"), connect });
      } finally {
        await database.dropDatabase();
        await Promise.all(clients.map((client) => client.close()));
      }
    }, options);
  }
}

/** Asserts that the server refuses with one of these codes. */
export async function rejectsWith(
  operation: Promise<unknown>,
  ...codes: readonly number[]
): Promise<MongoServerError> {
  const error = await operation.then(
    () => assert.fail("Expected the server to refuse, but it did not"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof MongoServerError)) throw error;
  assert.ok(codes.includes(Number(error.code)), `code ${error.code}: ${error.message}`);
  return error;
}

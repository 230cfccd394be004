/**
 * What the archive keeps, in the MongoDB stand-in and, where `TEST_MONGODB_URL` names one, in a real server. Each test has a
 * database of its own and drops it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import {
  type ArchiveDocument,
  type Delivery,
  MongoArchive,
  type StoredDocument,
  toArchivedMail,
  toArchiveDocument,
} from "@playground/poller/archive";
import { receiveMail } from "@playground/poller/mail";
import { BSON, type Document } from "mongodb";
import { integrationTest } from "@playground/shared/testing";
import { openArchiveCounter } from "@playground/tasks/clients/archive";
import { senderOf } from "@playground/tasks/load";
import { contractTests } from "../fixture/real_components.ts";
import { openOwnDatabase } from "../fixture/mongodb.ts";
import { freePort } from "../fixture/ports.ts";
import { listenOn, LOOPBACK } from "../../tasks/standins/listen.ts";
import { startMongodb } from "../../tasks/standins/mongodb/mod.ts";
import { encodeMessage, messagesIn, parseRequest } from "../../tasks/standins/mongodb/wire.ts";

interface Bench {
  /** Opens an archive in the test's database, closed with the test. */
  readonly open: () => MongoArchive;
  readonly contents: () => Promise<readonly StoredDocument[]>;
}

const register = contractTests("TEST_MONGODB_URL", () => startMongodb({ port: 0 }));

function contract(name: string, run: (bench: Bench) => Promise<void>): void {
  register((target) => `MongoArchive (${target}): ${name}`, async (server) => {
    await using resources = new AsyncDisposableStack();
    const { url, database } = openOwnDatabase(server.url, resources);
    await run({
      open: () => resources.use(new MongoArchive(url)),
      contents: () => database.collection<StoredDocument>("raw").find().toArray(),
    });
  });
}

async function documentOf(body: string, headers = ""): Promise<ArchiveDocument> {
  const raw = new TextEncoder().encode(
    `Message-ID: <id@example.com>\r\nFrom: Sender <sender@example.com>\r\n` +
      `To: recipient@example.com\r\nSubject: Subject\r\n` +
      `X-B3-TraceId: ${"a".repeat(32)}\r\nX-B3-SpanId: ${"b".repeat(16)}\r\n` +
      `${headers}\r\n${body}\r\n`,
  );
  return await toArchiveDocument(receiveMail(raw), {
    storedAt: new Date("2026-11-24T12:00:00.123Z"),
    pollTraceId: null,
  });
}

function deliveryOf(mailtrapId: number): Delivery {
  return { mailtrapId, receivedAt: new Date(1_795_000_000_000 + mailtrapId) };
}

contract("store() keeps each field, and read() shows all but the bytes", async (bench) => {
  const archive = bench.open();
  const document = await documentOf(
    "Body",
    "X-Email-Id: 1\r\nDate: 24 Nov 2026 12:00:00 +0000\r\n",
  );
  assert.deepEqual(await archive.read(document._id), { status: "unknown" });
  for (const isNew of [true, false, false]) {
    assert.deepEqual(await archive.store(document, deliveryOf(1)), { status: "stored", isNew });
  }
  const later = { ...document, storedAt: new Date(), pollTraceId: "c".repeat(32) };
  assert.deepEqual(await archive.store(later, deliveryOf(2)), { status: "stored", isNew: false });

  // Its second arrival is one more delivery, once, and changes nothing else.
  const deliveries = [deliveryOf(1), deliveryOf(2)];
  assert.deepEqual(await bench.contents(), [{ ...document, deliveries }]);
  const { raw: _raw, ...rest } = document;
  assert.deepEqual(await archive.read(document._id), {
    status: "found",
    mail: toArchivedMail({ ...rest, deliveries }),
  });
  assert.deepEqual(await archive.read("0".repeat(64)), { status: "unknown" });
});

contract("store() makes one document of a mail that two pollers store at once", async (bench) => {
  const archives = [bench.open(), bench.open()];
  // All of them claim one Message-ID.
  const documents = await Promise.all(
    Array.from({ length: 10 }, (_, index) => documentOf(`Body ${index}`)),
  );
  const outcomes = await Promise.all(
    documents.flatMap((document) =>
      archives.flatMap((archive, which) =>
        [1, 2].map((repeat) => archive.store(document, deliveryOf(10 * which + repeat)))
      )
    ),
  );
  assert.ok(outcomes.every(({ status }) => status === "stored"), JSON.stringify(outcomes));
  assert.equal(outcomes.filter((one) => one.status === "stored" && one.isNew).length, 10);
  const stored = await bench.contents();
  assert.deepEqual(
    stored.map(({ text }) => text).toSorted(),
    documents.map(({ text }) => text).toSorted(),
  );
  assert.ok(stored.every(({ deliveries }) => deliveries.length === 4));
});

contract("store() takes what a mail may contain and a name of a field may not", async (bench) => {
  const document = await documentOf(
    "\0 $set ä 👪 \u2028",
    "$set: {$inc: 1}\r\na.b: c\r\n__proto__: x\r\n",
  );
  assert.equal((await bench.open().store(document, deliveryOf(1))).status, "stored");
  assert.deepEqual((await bench.contents())[0]?.headers, document.headers);
});

integrationTest(
  "MongoArchive names the first server of its address, and the database",
  async () => {
    for (
      const [url, hostname, port, database] of [
        ["127.0.0.1/?retryWrites=true", "127.0.0.1", 27017, "messages"],
        ["127.0.0.1:27018/other", "127.0.0.1", 27018, "other"],
        ["u:p%2Fw@a.example:1,b.example:2/my%2Dmails?authSource=admin", "a.example", 1, "my-mails"],
      ] as const
    ) {
      await using archive = new MongoArchive(`mongodb://${url}`);
      assert.deepEqual(archive.server, { hostname, port, database, collection: "raw" });
    }
  },
);

register(
  (target) =>
    `openArchiveCounter() counts all mails since the start, and the run's emails, each once and none that is dead (${target})`,
  async (server) => {
    await using resources = new AsyncDisposableStack();
    const { url, database } = openOwnDatabase(server.url, resources);
    const archive = database.collection("raw");
    const mailFrom = (address: string, emailId: string | null) => ({
      from: { address, name: "" },
      emailId,
    });
    await archive.insertOne(mailFrom(senderOf("before"), "a"));
    const counter = resources.use(await openArchiveCounter(url, senderOf("run")));
    assert.deepEqual([await counter.estimate(), await counter.exact()], [0, 0]);
    await archive.insertMany([
      ...["b", "b", "c", null].map((emailId) => mailFrom(senderOf("run"), emailId)),
      mailFrom("somebody@example.com", "d"),
    ]);
    assert.deepEqual([await counter.estimate(), await counter.exact()], [5, 2]);
    assert.equal(await counter.exact(new Set(["c"])), 1);
  },
);

/** A write looks for a server for five seconds, twice; the driver by itself, for half a minute. */
const BOUND_MS = 25_000;

integrationTest(
  "store() fails in bounded time when the database is down, or says nothing",
  async () => {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const document = await documentOf("Body");
    const start = performance.now();
    const reasons = [freePort(), silent.addr.port].map(async (port) => {
      await using archive = new MongoArchive(`mongodb://127.0.0.1:${port}`);
      const outcome = await archive.store(document, deliveryOf(1));
      assert.ok(outcome.status === "failed");
      return outcome.reason;
    });
    const [down] = await Promise.all(reasons);
    assert.ok(performance.now() - start < BOUND_MS);
    assert.match(down ?? "", /^MongoDB did not store the mail: .*ECONNREFUSED/);
  },
);

/** A database that answers every write with the same document, and keeps its concern. Ends with its last client. */
async function startAnsweringWrites(answer: Document) {
  const hello = { ok: 1, isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 21 };
  const writeConcerns: Document[] = [];
  const server = createServer(async (socket) => {
    for await (const bytes of messagesIn(socket)) {
      const request = parseRequest(bytes);
      const isWrite = request.command.has("update");
      const concern = request.command.get("writeConcern");
      if (isWrite && concern !== undefined) writeConcerns.push(BSON.deserialize(concern.bytes));
      const reply = BSON.serialize(isWrite ? answer : hello);
      socket.write(encodeMessage(request, 0, reply));
    }
  });
  const port = await listenOn(LOOPBACK, server, 0);
  return {
    port,
    writeConcerns,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const NOTHING_WRITTEN = "it answered that nothing was written";
const errmsg = "waiting for replication timed out";

for (
  const [answer, reason] of [
    [{ ok: 1 }, NOTHING_WRITTEN],
    [{ ok: 1, n: 0, nModified: 0 }, NOTHING_WRITTEN],
    [{ ok: 1, n: 1, writeConcernError: { code: 64, errmsg } }, errmsg],
  ] as const
) {
  integrationTest(
    `store() fails when the database answers ${JSON.stringify(answer)}: ${reason}`,
    async () => {
      await using server = await startAnsweringWrites(answer);
      await using archive = new MongoArchive(`mongodb://127.0.0.1:${server.port}`);
      assert.deepEqual(await archive.store(await documentOf("Body"), deliveryOf(1)), {
        status: "failed",
        reason: `MongoDB did not store the mail: ${reason}`,
      });
    },
  );
}

integrationTest(
  "store() waits for a majority's disks, whatever the database's address says",
  async () => {
    const document = await documentOf("Body");
    await using server = await startAnsweringWrites({ ok: 1, n: 1 });
    for (const query of ["", "?w=0", "?journal=false", "?w=1&journal=false"]) {
      await using archive = new MongoArchive(`mongodb://127.0.0.1:${server.port}/${query}`);
      assert.equal((await archive.store(document, deliveryOf(1))).status, "stored");
      assert.deepEqual(server.writeConcerns.splice(0), [{ w: "majority", j: true }], query);
    }
  },
);

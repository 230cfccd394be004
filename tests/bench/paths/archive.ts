import { COLLECTION } from "@playground/poller/archive";
import { MongoClient } from "mongodb";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../backing.ts";
import { type Inbox, POLL_CONCURRENCY, startInbox } from "../load/inbox.ts";
import { processStarter, startService } from "../measure/bench_process.ts";
import { interleave } from "../measure/samples.ts";
import { meterProcessor, peakResidentBytes, residentBytes } from "../measure/process_figures.ts";
import type { BareArchiverSettings } from "../processes/bare_archiver.ts";
import { figureRow, processorRow, rateRow, type Row, rowNames } from "../row.ts";

const SMALL_BYTES = 5_000;
const LARGE_BYTES = 5_000_000;
/** 100 MB in each round. */
const LARGE_ROUNDS = 3;

/** A database of its own, dropped at the end. */
export function openDatabase(mongodbUrl: string, resources: AsyncDisposableStack) {
  const name = `bench-${crypto.randomUUID()}`;
  const url = `${mongodbUrl}/${name}`;
  const mongo = resources.adopt(new MongoClient(url), (client) => client.close());
  const database = mongo.db(name);
  resources.defer(async () => {
    await database.dropDatabase();
  });
  return { url, database };
}

/**
 * Archive: how fast the mail poller empties an inbox into MongoDB, beside a loop that does nothing but fetch, insert and delete;
 * and how much memory large mails take.
 */
export async function measureArchive(context: BenchContext): Promise<readonly Row[]> {
  const { backing, isShort, signal, progress, profileDirectory } = context;
  const { components } = backing;
  progress(`archive, ${components}`);
  await using resources = new AsyncDisposableStack();
  const { url: mongodbUrl, database } = openDatabase(backing.mongodbUrl, resources);
  const inbox = startInbox(resources, signal);
  const archiver = await processStarter(resources, signal)(
    "bare_archiver",
    { inboxUrl: inbox.url, token: "loop", mongodbUrl } satisfies BareArchiverSettings,
  );
  const environment = inbox.pollerEnvironment(mongodbUrl, "poller");
  const poller = await startService("mail-poller", environment, resources, profileDirectory);
  const side = (process: { readonly pid: number }, token: string, collection: string) => ({
    pid: process.pid,
    archive: async (count: number, sizeBytes: number) => {
      inbox.fill(token, count, sizeBytes);
      if (process === archiver) await archiver.call({});
      return count / await inbox.drained();
    },
    clear: () => database.collection(collection).deleteMany({}),
  });
  const sides = [side(poller, "poller", COLLECTION), side(archiver, "loop", "bare")] as const;
  const count = isShort ? 200 : 2_000;
  const rows = await compare(
    ["small", `${count} mails of 5 kB`, count, SMALL_BYTES],
    sides,
    context,
  );
  if (isShort) return rows;
  const rounds = Math.min(context.rounds, LARGE_ROUNDS);
  const large = ["large", "20 mails of 5 MB", 20, LARGE_BYTES] as const;
  rows.push(...await compare(large, sides, { ...context, rounds }));
  for (const count of [20, 60]) {
    rows.push(await measureMemory(count, inbox, mongodbUrl, components));
  }
  return rows;
}

interface Side {
  readonly pid: number;
  /** Archives so many mails; tells how many a second. */
  readonly archive: (count: number, sizeBytes: number) => Promise<number>;
  readonly clear: () => Promise<unknown>;
}

async function compare(
  [id, what, count, sizeBytes]: readonly [id: string, what: string, count: number, bytes: number],
  [poller, loop]: readonly [Side, Side],
  { backing: { components }, rounds }: BenchContext,
): Promise<Row[]> {
  const run = ({ pid, archive, clear }: Side, microseconds: number[]) => async () => {
    const rate = await meterProcessor(pid, count, microseconds, () => archive(count, sizeBytes));
    await clear();
    return rate;
  };
  const microseconds: number[] = [];
  const bareMicroseconds: number[] = [];
  const samples = await interleave([
    { name: "poller", run: run(poller, microseconds) },
    { name: "loop", run: run(loop, bareMicroseconds) },
  ], rounds);
  const facts = rowNames("archive", "Archive", components);
  const goal = { atLeast: 0.85 };
  return [
    rateRow(
      facts(id, `${what}, against a bare loop of fetch, insert and delete`, { goal }),
      samples.poller,
      "bare loop",
      samples.loop,
    ),
    processorRow(
      facts(`${id}.processor`, `${what}, processor time against that loop`),
      microseconds,
      bareMicroseconds,
    ),
  ];
}

async function measureMemory(
  count: number,
  inbox: Inbox,
  mongodbUrl: string,
  components: Row["components"],
): Promise<Row> {
  const environment = inbox.pollerEnvironment(mongodbUrl, "memory");
  await using poller = new ServiceProcess("mail-poller", { environment });
  await poller.ready();
  const before = await residentBytes(poller.pid);
  inbox.fill("memory", count, LARGE_BYTES);
  await inbox.drained();
  const growth = await peakResidentBytes(poller.pid) - before;
  const what = `most memory that ${count} mails of 5 MB take, in concurrency × size`;
  const detail = `${(growth / 1e6).toFixed(0)} MB, with ${POLL_CONCURRENCY} at a time`;
  return figureRow(
    rowNames("archive", "Archive", components)(`memory.${count}`, what, { detail }),
    "×",
    [growth / (POLL_CONCURRENCY * LARGE_BYTES)],
  );
}

import { COLLECTION } from "@playground/poller/archive";
import { MongoClient } from "mongodb";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../context.ts";
import { type BenchProcess, processStarter } from "../measure/bench_process.ts";
import { interleave } from "../measure/interleave.ts";
import { meterProcessor, peakResidentBytes, residentBytes } from "../measure/process_figures.ts";
import type { InboxCommand, InboxDrainResult } from "../processes/fake_inbox.ts";
import type { ArchiverSettings } from "../processes/raw_archiver.ts";
import { figureRow, processorRow, ratioRow, type Row } from "../row.ts";
import { perSecond } from "../text.ts";

const CONCURRENCY = 8;
const SMALL_BYTES = 5_000;
const LARGE_BYTES = 5_000_000;
/** 100 MB in each round. */
const LARGE_ROUNDS = 3;
const MEGABYTE = 1e6;
/** The usual token of a mail poller, which sees only the mails that are for it. */
const POLLER_TOKEN = "poller";
const LOOP_TOKEN = "loop";
const MEMORY_TOKEN = "memory";

/** The settings of a mail poller that empties the fake inbox. */
export function pollerEnvironment(
  mongodbUrl: string,
  zipkinUrl: string,
  inbox: BenchProcess,
  token: string = POLLER_TOKEN,
): Readonly<Record<string, string>> {
  return {
    MONGODB_URL: mongodbUrl,
    ZIPKIN_URL: zipkinUrl,
    MAILTRAP_URL: inbox.addresses.url,
    MAILTRAP_API: "sandboxes",
    MAILTRAP_BOXID: "1",
    MAILTRAP_TOKEN: token,
    POLL_CONCURRENCY: String(CONCURRENCY),
    POLL_INTERVAL_SECONDS: "1",
  };
}

/**
 * Archive: how fast the mail poller empties an inbox into MongoDB, beside a loop that does nothing but fetch, insert and delete;
 * and how much memory large mails take.
 */
export async function measureArchive(
  { backing, isShort, rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  const { components } = backing;
  progress(`archive, ${components}`);
  await using resources = new AsyncDisposableStack();
  const start = processStarter(resources, signal);
  const mongodbUrl = `${backing.mongodbUrl}/bench-${crypto.randomUUID()}`;
  const mongo = resources.adopt(new MongoClient(mongodbUrl), (client) => client.close());
  const database = mongo.db(new URL(mongodbUrl).pathname.slice(1));
  resources.defer(async () => {
    await database.dropDatabase();
  });
  const collector = await start("collector_sink");
  const inbox = await start("fake_inbox");
  const archiver = await start(
    "raw_archiver",
    {
      inboxUrl: inbox.addresses.url,
      token: LOOP_TOKEN,
      mongodbUrl,
      concurrency: CONCURRENCY,
    } satisfies ArchiverSettings,
  );

  const poller = resources.use(
    new ServiceProcess("mail-poller", {
      environment: pollerEnvironment(mongodbUrl, collector.addresses.url, inbox),
    }),
  );
  await poller.ready();

  const fill = (token: string, count: number, sizeBytes: number) =>
    inbox.call({ kind: "fill", count, sizeBytes, token } satisfies InboxCommand);
  const drained = async () =>
    (await inbox.call<InboxDrainResult>({ kind: "drained" } satisfies InboxCommand)).seconds;
  let processorMicroseconds: number[] = [];
  let bareMicroseconds: number[] = [];
  const poll = (count: number, sizeBytes: number) => async () => {
    await fill(POLLER_TOKEN, count, sizeBytes);
    const rate = await meterProcessor(
      poller.pid,
      count,
      processorMicroseconds,
      async () => count / await drained(),
    );
    await database.collection(COLLECTION).deleteMany({});
    return rate;
  };
  const loop = (count: number, sizeBytes: number) => async () => {
    await fill(LOOP_TOKEN, count, sizeBytes);
    const rate = await meterProcessor(archiver.pid, count, bareMicroseconds, async () => {
      await archiver.call({});
      return count / await drained();
    });
    await database.collection("bare").deleteMany({});
    return rate;
  };
  const compare = async (
    id: string,
    what: string,
    count: number,
    sizeBytes: number,
    rounds: number,
  ): Promise<readonly Row[]> => {
    processorMicroseconds = [];
    bareMicroseconds = [];
    const samples = await interleave([
      { name: "poller", run: poll(count, sizeBytes) },
      { name: "loop", run: loop(count, sizeBytes) },
    ], rounds);
    return [
      ratioRow(
        {
          id: `archive.${id}.${components}`,
          what: `Archive: ${what}, against a bare loop of fetch, insert and delete`,
          components,
          goal: { atLeast: 0.85 },
          detail: `${perSecond(samples.poller)}; bare loop ${perSecond(samples.loop)}`,
        },
        samples.poller,
        samples.loop,
      ),
      processorRow(
        {
          id: `archive.${id}.processor.${components}`,
          what: `Archive: ${what}, processor time against that loop`,
          components,
        },
        processorMicroseconds.slice(1),
        bareMicroseconds.slice(1),
      ),
    ];
  };

  const smallCount = isShort ? 200 : 2_000;
  const rows = [
    ...await compare("small", `${smallCount} mails of 5 kB`, smallCount, SMALL_BYTES, rounds),
  ];
  if (isShort) return rows;
  rows.push(
    ...await compare("large", "20 mails of 5 MB", 20, LARGE_BYTES, Math.min(rounds, LARGE_ROUNDS)),
  );
  const environment = pollerEnvironment(
    mongodbUrl,
    collector.addresses.url,
    inbox,
    MEMORY_TOKEN,
  );
  for (const count of [20, 60]) {
    await using fresh = new ServiceProcess("mail-poller", { environment });
    await fresh.ready();
    const before = await residentBytes(fresh.pid);
    await fill(MEMORY_TOKEN, count, LARGE_BYTES);
    await drained();
    const growth = await peakResidentBytes(fresh.pid) - before;
    rows.push(figureRow(
      {
        id: `archive.memory.${count}.${components}`,
        what: `Archive: most memory that ${count} mails of 5 MB take, in concurrency × size`,
        components,
        detail: `${(growth / MEGABYTE).toFixed(0)} MB, with ${CONCURRENCY} at a time`,
      },
      "×",
      [growth / (CONCURRENCY * LARGE_BYTES)],
    ));
  }
  return rows;
}

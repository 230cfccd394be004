import { openOwnDatabase } from "../../fixture/mongodb.ts";
import { peakResidentBytes, residentBytes } from "../../fixture/process_memory.ts";
import type { BenchContext } from "../context.ts";
import { POLL_CONCURRENCY } from "../load/inbox.ts";
import { processStarter } from "../measure/bench_process.ts";
import { meter } from "../measure/process_figures.ts";
import { interleave } from "../measure/samples.ts";
import type { BareArchiverSettings } from "../processes/bare_archiver.ts";
import { type Goal, processorRatio, rateRatio, type Row, rowsOf } from "../row.ts";
import { startPolling } from "./polling.ts";

const LARGE_BYTES = 5_000_000;
/** 100 MB in each round. */
const LARGE_ROUNDS = 3;
const GOALS: Readonly<Record<string, Goal>> = {
  small: { atLeast: 0.55 },
  "large.processor": { atLeast: 0.3 },
};

/**
 * Archive: how fast the mail poller empties an inbox into MongoDB, beside a loop that does nothing but fetch, insert and delete;
 * and how much memory large mails take.
 */
export async function measureArchive(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { components }, isShort, progress } = context;
  progress(`archive, ${components}`);
  await using resources = new AsyncDisposableStack();
  const compare = await startComparison(context, resources);
  const count = isShort ? 200 : 2_000;
  const rows = await compare("small", `${count} mails of 5 kB`, count, 5_000, context.rounds);
  if (isShort) return rows;
  const rounds = Math.min(context.rounds, LARGE_ROUNDS);
  rows.push(...await compare("large", "20 mails of 5 MB", 20, LARGE_BYTES, rounds));
  for (const count of [20, 60]) rows.push(await measureMemory(count, context));
  return rows;
}

async function startComparison(context: BenchContext, resources: AsyncDisposableStack) {
  const { backing: { components, mongodbUrl }, signal } = context;
  const { inbox, startPoller } = startPolling(context, mongodbUrl, resources);
  const own = openOwnDatabase(mongodbUrl, resources);
  const archiver = await processStarter(resources, signal)(
    "bare_archiver",
    { inboxUrl: inbox.url, token: "loop", mongodbUrl: own.url } satisfies BareArchiverSettings,
  );
  const { poller, collection, archive } = await startPoller("poller");
  const row = rowsOf("archive", "Archive", components);
  return async (id: string, what: string, count: number, sizeBytes: number, rounds: number) => {
    const { ours, bare } = await interleave({
      ours: async () => {
        await collection.deleteMany({});
        return await meter(poller.pid, count, () => archive(count, sizeBytes));
      },
      bare: async () => {
        await own.database.collection("bare").deleteMany({});
        return await meter(archiver.pid, count, async () => {
          inbox.fill("loop", count, sizeBytes);
          await archiver.call({});
          return await inbox.drained();
        });
      },
    }, rounds);
    return [
      row(id, `${what}, against a bare loop of fetch, insert and delete`, {
        ...rateRatio(ours, bare, "bare loop"),
        goal: GOALS[id],
      }),
      row(`${id}.processor`, `${what}, processor time against that loop`, {
        ...processorRatio(ours, bare),
        goal: GOALS[`${id}.processor`],
      }),
    ];
  };
}

async function measureMemory(count: number, context: BenchContext): Promise<Row> {
  await using resources = new AsyncDisposableStack();
  const { components, mongodbUrl } = context.backing;
  const { startPoller } = startPolling({ signal: context.signal }, mongodbUrl, resources);
  const { poller, archive } = await startPoller("memory");
  const before = await residentBytes(poller.pid);
  await archive(count, LARGE_BYTES);
  const growth = await peakResidentBytes(poller.pid) - before;
  const row = rowsOf("archive", "Archive", components);
  return row(
    `memory.${count}`,
    `most memory that ${count} mails of 5 MB take, in concurrency × size`,
    {
      unit: "×",
      samples: [growth / (POLL_CONCURRENCY * LARGE_BYTES)],
      detail: `${(growth / 1e6).toFixed(0)} MB, with ${POLL_CONCURRENCY} at a time`,
    },
  );
}

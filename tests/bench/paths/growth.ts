/**
 * Growth: whether an email costs the same however many others there are, in the queue and in the archive.
 *
 * A machine's speed drifts in the minutes that long queues and large archives take to fill, so that each is measured beside a
 * short or small one, in turn or before and after.
 *
 * @module
 */
import type { Collection, Document } from "mongodb";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../context.ts";
import { startService } from "../measure/bench_process.ts";
import { byRound, interleave, ratios } from "../measure/samples.ts";
import { type Row, rowsOf } from "../row.ts";
import { startEmbeddedPolling } from "./polling.ts";
import { startSending } from "./sending.ts";

/** Smaller growth does not count. */
export const FLAT = { atMost: 1.2 } as const;

const FEW = 100;
const MANY = [10_000, 100_000] as const;

const QUEUE_ROUNDS = 3;
const ACCEPT_COUNT = 2_000;
/** Together fewer than were accepted before: a queue must not run empty while it is measured. */
const DELIVER_COUNT = 1_200;

const ARCHIVE_ROUNDS = 5;
const ARCHIVE_COUNT = 500;
const MAIL_BYTES = 5_000;
const INSERT_BATCH = 1_000;
const ID_BYTES = 32;

export async function measureGrowth(context: BenchContext): Promise<readonly Row[]> {
  return [...await measureQueueDepths(context), ...await measureArchiveSizes(context)];
}

async function measureQueueDepths(context: BenchContext): Promise<readonly Row[]> {
  const { components } = context.backing;
  await using resources = new AsyncDisposableStack();
  const costsAt = await startDepths(context, resources);
  const rows: Row[] = [];
  let before = await costsAt(FEW);
  for (const depth of MANY) {
    const many = await costsAt(depth);
    const after = await costsAt(FEW);
    for (const [cost, what] of [["accept", "accepted"], ["deliver", "delivered"]] as const) {
      const few = byRound(before[cost], after[cost], (before, after) => (before + after) / 2);
      const named = `${what}, ${depth.toLocaleString("en-US")} in the queue`;
      rows.push(growthRow(`depth.${cost}.${depth}`, named, components, many[cost], few));
    }
    before = after;
  }
  return rows;
}

/** Makes the function that measures the cost of an email in each round, in microseconds, at a depth of the queue. */
async function startDepths(context: BenchContext, resources: AsyncDisposableStack) {
  const { backing: { components }, progress } = context;
  const { queues, sink, post, publish, environment } = await startSending(context, resources);
  const { url } = await startService("message-server", environment, resources);
  const acceptOne = async () =>
    (await post({ url, count: ACCEPT_COUNT })).seconds / ACCEPT_COUNT * 1e6;
  const deliverOne = async () => await sink.drain(DELIVER_COUNT) / DELIVER_COUNT * 1e6;
  // The first ones find no compiled code.
  await acceptOne();

  return async (depth: number) => {
    progress(`growth, ${depth} emails in the queue, ${components}`);
    await queues.purge();
    await publish(depth);
    const accept = await Array.fromAsync({ length: QUEUE_ROUNDS }, acceptOne);
    sink.hold();
    await using emailer = new ServiceProcess("emailer", { environment });
    await emailer.ready();
    // The first ones find neither connections nor compiled code.
    await deliverOne();
    return { accept, deliver: await Array.fromAsync({ length: QUEUE_ROUNDS }, deliverOne) };
  };
}

async function measureArchiveSizes(context: BenchContext): Promise<readonly Row[]> {
  const { signal, progress } = context;
  await using resources = new AsyncDisposableStack();
  const { startPoller } = await startEmbeddedPolling(context, resources);
  const small = await startPoller("small");
  const large = await startPoller("large");
  const microsecondsOf = async ({ archive }: typeof small) =>
    await archive(ARCHIVE_COUNT, MAIL_BYTES) / ARCHIVE_COUNT * 1e6;
  const rows: Row[] = [];
  for (const size of MANY) {
    progress(`growth, ${size} mails in the archive, stand-ins`);
    await growTo(large.collection, size, signal);
    const { many, few } = await interleave({
      many: () => microsecondsOf(large),
      few: async () => {
        await small.collection.deleteMany({});
        await growTo(small.collection, FEW, signal);
        return await microsecondsOf(small);
      },
    }, ARCHIVE_ROUNDS);
    const what = `archived, ${size.toLocaleString("en-US")} in the archive`;
    rows.push(growthRow(`archive.${size}`, what, "stand-ins", many, few));
  }
  return rows;
}

/** Adds documents until there are this many. Their ids are random, like the digests of mails. */
async function growTo(
  collection: Collection<Document & { readonly _id: string }>,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  for (let present = await collection.countDocuments(); present < size; present += INSERT_BATCH) {
    signal.throwIfAborted();
    await collection.insertMany(
      Array.from({ length: Math.min(INSERT_BATCH, size - present) }, () => ({
        _id: crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex(),
        text: "x".repeat(MAIL_BYTES),
      })),
    );
  }
}

function growthRow(
  id: string,
  what: string,
  components: Row["components"],
  manyMicroseconds: readonly number[],
  fewMicroseconds: readonly number[],
): Row {
  const list = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(", ");
  return rowsOf("growth", "Growth", components)(id, `cost of an email ${what}`, {
    unit: "×",
    samples: ratios(manyMicroseconds, fewMicroseconds),
    goal: FLAT,
    detail: `${list(manyMicroseconds)} µs; ${list(fewMicroseconds)} µs among ${FEW}`,
  });
}

import { startStandIns } from "../../backing.ts";
import type { BenchContext } from "../../context.ts";
import { processStarter } from "../../measure/bench_process.ts";
import { interleave } from "../../measure/interleave.ts";
import type { Row } from "../../row.ts";
import { type Archiving, startArchiving } from "./archiving.ts";
import { growthRow } from "./growth_row.ts";

const SIZES = [10_000, 100_000] as const;
const SMALL = 100;
const REPEATS = 5;
const MAIL_COUNT = 500;
const MAIL_BYTES = 5_000;
const BATCH = 1_000;
const ID_BYTES = 32;

/**
 * Measures what a mail costs at a size of the archive, in turn with the same at a small archive.
 */
export async function measureArchiveSizes(
  { signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const start = processStarter(resources, signal);
  const collector = await start("collector_sink");
  const inbox = await start("fake_inbox");
  const mongodb = resources.use(await startStandIns(["mongodb"]));
  const shared = { mongodb, collector, inbox };
  const small = await startArchiving({ ...shared, token: "small" }, resources);
  const large = await startArchiving({ ...shared, token: "large" }, resources);
  const rows: Row[] = [];
  for (const size of SIZES) {
    progress(`growth, ${size} mails in the archive, stand-ins`);
    await growTo(large, size, signal);
    const { many, few } = await interleave([
      { name: "many", run: () => large.archive(MAIL_COUNT, MAIL_BYTES) },
      {
        name: "few",
        run: async () => {
          await small.collection.deleteMany({});
          await growTo(small, SMALL, signal);
          return await small.archive(MAIL_COUNT, MAIL_BYTES);
        },
      },
    ], REPEATS);
    rows.push(growthRow({
      id: `archive.${size}`,
      what: `archived, ${size.toLocaleString("en-US")} in the archive`,
      components: "stand-ins",
      manyMicroseconds: many,
      fewMicroseconds: few,
    }));
  }
  return rows;
}

/** Adds documents until there are so many. Their ids are random, as the digests are that mails are stored under. */
async function growTo(
  { collection }: Archiving,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  for (let present = await collection.countDocuments(); present < size; present += BATCH) {
    signal.throwIfAborted();
    await collection.insertMany(
      Array.from({ length: Math.min(BATCH, size - present) }, () => ({
        _id: crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex(),
        text: "x".repeat(MAIL_BYTES),
      })),
    );
  }
}

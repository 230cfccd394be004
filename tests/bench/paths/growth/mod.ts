/**
 * Growth: whether an email costs the same however many others there are (`depths.ts`, `archive_sizes.ts`), and whether the
 * services' memory stays as it is (`memory.ts`).
 *
 * A machine's speed drifts in the minutes that long queues and large archives take to fill, so that each is measured beside a
 * short or small one, in turn or before and after.
 *
 * @module
 */
import type { BenchContext } from "../../context.ts";
import type { Row } from "../../row.ts";
import { measureArchiveSizes } from "./archive_sizes.ts";
import { measureDepths } from "./depths.ts";
import { measureMemory } from "./memory.ts";

/** Growth: long queues, large archives, memory. */
export async function measureGrowth(context: BenchContext): Promise<readonly Row[]> {
  return [
    ...await measureDepths(context),
    ...await measureArchiveSizes(context),
    ...await measureMemory(context),
  ];
}

import type { PathName } from "./arguments.ts";
import { standInBacking, startStandIns } from "./backing.ts";
import type { Backing, BenchContext, Path } from "./context.ts";
import { measureAccept } from "./paths/accept.ts";
import { measureArchive } from "./paths/archive.ts";
import { measureDeliver } from "./paths/deliver.ts";
import { measureGrowth } from "./paths/growth/mod.ts";
import { measureJourney } from "./paths/journey.ts";
import { measureStandIns } from "./paths/stand_ins.ts";
import { measureStart } from "./paths/start.ts";
import { measureTracing } from "./paths/tracing.ts";
import type { Row } from "./row.ts";
import { reasonOf } from "./text.ts";

/** What to measure. */
export interface SuiteOptions extends Omit<BenchContext, "backing"> {
  /** What, in this order. */
  readonly names: readonly PathName[];
  /** The real components, if there are any. */
  readonly real: Backing | undefined;
}

/** A measured path, and whether it is measured once more on the stand-ins when there are real components. */
interface PathDefinition {
  readonly measure: Path;
  readonly on: "all components" | "preferred components" | "own components";
}

const PATHS: Readonly<Record<PathName, PathDefinition>> = {
  accept: { measure: measureAccept, on: "all components" },
  deliver: { measure: measureDeliver, on: "all components" },
  archive: { measure: measureArchive, on: "all components" },
  journey: { measure: measureJourney, on: "preferred components" },
  tracing: { measure: measureTracing, on: "own components" },
  "stand-ins": { measure: measureStandIns, on: "own components" },
  start: { measure: measureStart, on: "own components" },
  growth: { measure: measureGrowth, on: "preferred components" },
};

/**
 * Measures one path after the other. One that cannot be measured becomes a row that says why; the others are measured all the same.
 */
export async function runSuite(options: SuiteOptions): Promise<readonly Row[]> {
  const { names, real, isShort, progress, signal } = options;
  await using standIns = await startStandIns(["zipkin", "amqp", "mongodb"]);
  const embedded = standInBacking(standIns);
  const rows: Row[] = [];
  for (const name of names) {
    const { measure, on } = PATHS[name];
    const preferred = real ?? embedded;
    const isTwice = on === "all components" && real !== undefined && !isShort;
    for (const backing of isTwice ? [preferred, embedded] : [preferred]) {
      if (signal.aborted) return rows;
      try {
        rows.push(...await measure({ ...options, backing }));
      } catch (error) {
        if (signal.aborted) return rows;
        const reason = reasonOf(error);
        progress(`Cannot measure ${name}: ${reason}`);
        rows.push({
          id: `${name}.${backing.components}`,
          what: name,
          components: backing.components,
          result: { kind: "missing", reason },
        });
      }
    }
  }
  return rows;
}

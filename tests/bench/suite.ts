import { failureReason } from "@playground/shared/http";
import type { PathName } from "./arguments.ts";
import { startStandInsProcess } from "../../tasks/standins/testing.ts";
import type { RealComponents } from "../fixture/real_components.ts";
import type { Backing, BenchContext } from "./context.ts";
import { measureAccept } from "./paths/accept.ts";
import { measureArchive } from "./paths/archive.ts";
import { measureDeliver } from "./paths/deliver.ts";
import { measureGrowth } from "./paths/growth.ts";
import { measureJourney } from "./paths/journey.ts";
import { measureMemory } from "./paths/memory.ts";
import { measureStart } from "./paths/start.ts";
import { measureTracing } from "./paths/tracing.ts";
import type { Row } from "./row.ts";

type Measure = (context: BenchContext) => Promise<readonly Row[]>;

const PATHS: Readonly<Record<PathName, Measure>> = {
  accept: measureAccept,
  deliver: measureDeliver,
  archive: measureArchive,
  journey: measureJourney,
  tracing: measureTracing,
  start: measureStart,
  growth: measureGrowth,
  memory: measureMemory,
};
/** Paths that are measured on the stand-ins as well when there are real components. */
const ON_BOTH: readonly PathName[] = ["accept", "deliver", "archive"];

/**
 * Measures one path after the other. One that cannot be measured becomes a row with the reason; the others are still measured.
 */
export async function runSuite(
  names: readonly PathName[],
  realComponents: RealComponents | undefined,
  context: Omit<BenchContext, "backing">,
): Promise<readonly Row[]> {
  const { isShort, progress, signal } = context;
  await using resources = new AsyncDisposableStack();
  const { variables } = resources.use(await startStandInsProcess(["amqp", "mongodb"]));
  const { AMQP_URL: amqpUrl = "", MONGODB_URL: mongodbUrl = "" } = variables;
  const embedded: Backing = { components: "stand-ins", amqpUrl, mongodbUrl };
  const real: Backing | undefined = realComponents && { components: "real", ...realComponents };
  const rows: Row[] = [];
  for (const name of names) {
    const isTwice = ON_BOTH.includes(name) && real !== undefined && !isShort;
    for (const backing of isTwice ? [real, embedded] : [real ?? embedded]) {
      if (signal.aborted) return rows;
      try {
        rows.push(...await PATHS[name]({ ...context, backing }));
      } catch (error) {
        if (signal.aborted) return rows;
        const reason = failureReason(error);
        progress(`Cannot measure ${name}: ${reason}`);
        const { components } = backing;
        const missing = { samples: [], detail: reason };
        rows.push({ id: `${name}.${components}`, what: name, components, ...missing });
      }
    }
  }
  return rows;
}

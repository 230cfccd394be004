/**
 * `deno task bench`: measures how fast the services are, as ratios to ceilings of their own.
 *
 * The suite runs one file of `paths/` after the other. Each starts the services as real processes, and beside them its ceilings,
 * generators and sinks from `processes/`; measures them in turn, A B A B … (`measure/samples.ts`); and makes rows of the samples.
 * The rows become a table and `results.md`; those of processor times are compared with `baseline.json`.
 *
 * @module
 */
import { join } from "node:path";
import { stopRequested } from "@playground/shared/lifecycle";
import { EXIT_STOPPED, startTask } from "@playground/tasks/terminal";
import { realComponents } from "../fixture/real_components.ts";
import {
  argumentsOf,
  type BenchArguments,
  commandLine,
  PATH_NAMES,
  type PathName,
} from "./arguments.ts";
import { baselineOf, readBaseline, regressions } from "./baseline.ts";
import { describeMachine } from "./machine.ts";
import { resultsDocument, resultsTable } from "./results.ts";
import type { Row } from "./row.ts";
import { runSuite } from "./suite.ts";

const EXIT_FAILED = 1;
/** The time limit of the clean-up; the bench's processes end with this one anyway. */
const STOP_TIMEOUT_MS = 12_000;

const HERE = import.meta.dirname ?? ".";
const BASELINE = join(HERE, "baseline.json");
const RESULTS = join(HERE, "results.md");
const NOTES = "## Notes";

Deno.exit(await bench(argumentsOf(commandLine.parse(startTask(), { from: "user" }).opts())));

async function bench(options: BenchArguments): Promise<number> {
  const real = realComponents(Deno.env.toObject());
  if (real === undefined) console.log("Without TEST_… variables: only the stand-ins are measured");
  const stop = new AbortController();
  stopRequested().then(() => {
    console.log("Stopping; Ctrl-C again ends everything at once");
    stop.abort();
    Deno.unrefTimer(setTimeout(() => Deno.exit(EXIT_STOPPED), STOP_TIMEOUT_MS));
  });
  const startedAt = performance.now();
  const progress = (line: string) => {
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`${seconds.toFixed(0).padStart(4)} s  ${line}`);
  };
  const context = { ...options, profileDirectory: options.profile, signal: stop.signal, progress };
  const measure = (names: readonly PathName[]) => runSuite(names, real, context);
  const rows = await measure(options.names);
  console.log(`\n${resultsTable(rows)}`);
  if (stop.signal.aborted) return EXIT_STOPPED;
  if (options.writeResults) {
    const before = await Deno.readTextFile(RESULTS);
    const date = new Date().toISOString().slice(0, 10);
    const run = { date, machine: await describeMachine(real), rounds: options.rounds, rows };
    const document = resultsDocument(run, before.slice(before.indexOf(NOTES)));
    await Deno.writeTextFile(RESULTS, document);
  }
  if (options.writeBaseline) {
    const baseline = baselineOf(rows, await readBaseline(BASELINE));
    await Deno.writeTextFile(BASELINE, `${JSON.stringify(baseline, null, 2)}\n`);
  }
  const isComplete = rows.every(({ samples }) => samples.length > 0);
  const isAsFast = options.writeBaseline || await isAsFastAsBefore(rows, measure);
  if (stop.signal.aborted) return EXIT_STOPPED;
  return isComplete && isAsFast ? 0 : EXIT_FAILED;
}

/** A path that fell is measured once more, since a shared machine has bad moments. */
async function isAsFastAsBefore(
  rows: readonly Row[],
  measure: (names: readonly PathName[]) => Promise<readonly Row[]>,
): Promise<boolean> {
  const baseline = await readBaseline(BASELINE);
  const suspects = regressions(rows, baseline).map(({ row }) => row.id);
  if (suspects.length === 0) return true;
  console.log("Some ratios are far below the baseline; measuring them once more");
  const again = await measure(
    PATH_NAMES.filter((name) => suspects.some((id) => id.startsWith(`${name}.`))),
  );
  const fallen = regressions(again, baseline).filter(({ row }) => suspects.includes(row.id));
  for (const { row, ratio, baseline } of fallen) {
    console.error(`Slower: ${row.what} is ${ratio.toFixed(2)}, was ${baseline.toFixed(2)}`);
  }
  return fallen.length === 0;
}

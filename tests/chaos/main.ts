/**
 * `deno task test:chaos`: sends emails while processes are killed and connections break, then checks how each email ended.
 *
 * `runChaos` starts the system (`system.ts`: several of each service, a proxy on each link) and what stands behind it
 * (`backing.ts`: stand-ins in processes of their own, or real components, which `own/` starts and kills), plans the faults
 * (`faults.ts`) from a seed and does each at its moment (`schedule.ts`), while `load.ts` posts emails and a `Ledger` records the
 * promises. After everything has settled and stopped, `reconcile` compares the promises with the archive and the dead letters,
 * which `backend.ts` reads, `findFailures` compares the failures with the traces, and `describeReport` prints the figures.
 *
 * @module
 */
import { stopRequested } from "@playground/shared/lifecycle";
import { EXIT_STOPPED, startTask } from "@playground/tasks/terminal";
import { argumentsOf, type ChaosArguments, commandLine } from "./arguments.ts";
import { chooseBacking } from "./backing.ts";
import { describeReport, violationCount } from "./report.ts";
import { runChaos } from "./run.ts";

const EXIT_BROKEN = 1;
const EXIT_USAGE = 2;

Deno.exit(await chaos(argumentsOf(commandLine.parse(startTask(), { from: "user" }).opts())));

async function chaos({ components, logFile, ...options }: ChaosArguments): Promise<number> {
  const backing = await chooseBacking(components, Deno.env.toObject());
  if (typeof backing === "string") {
    console.error(`Cannot begin: ${backing}`);
    return EXIT_USAGE;
  }
  console.log(
    `Seed ${options.seed} (repeat it with --seed ${options.seed}), ${backing.description}`,
  );
  using log = logFile === undefined
    ? undefined
    : await Deno.open(logFile, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  const stop = new AbortController();
  stopRequested().then(() => stop.abort());
  try {
    const report = await runChaos({
      ...options,
      backing,
      print: (line) => console.log(line),
      onLine: (name, line) => log?.writeSync(encoder.encode(`${name}: ${line}\n`)),
      signal: stop.signal,
    });
    console.log(`\n${describeReport(report)}`);
    return violationCount(report) === 0 ? 0 : EXIT_BROKEN;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.log("Stopped before the end");
    return EXIT_STOPPED;
  }
}

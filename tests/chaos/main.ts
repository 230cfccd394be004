/**
 * `deno task test:chaos`: sends emails while processes are killed and connections break, then counts what became of each.
 *
 * `runChaos` starts the system (`system.ts`: several of each service, a proxy on each link) and what stands behind it
 * (`backing.ts`: stand-ins in processes of their own, or real components, which `own/` starts and kills), plans the faults from
 * a seed (`schedule.ts`) and does them at their moments (`inject.ts`), while `load.ts` posts emails and a `Ledger` takes down what
 * was promised. When everything has healed, come to rest (`quiet.ts`) and stopped (`findings.ts`), `reconcile` holds the promises
 * against the archive and the dead letters, `findFailures` the failures against the traces, and `describeReport` tells the figures.
 * `promises.ts` lists what is held.
 *
 * @module
 */
import { stopRequested } from "@playground/shared/lifecycle";
import { argumentsOf, type ChaosArguments, commandLine } from "./arguments.ts";
import { chooseBacking } from "./backing.ts";
import { describeReport } from "./report.ts";
import { runChaos } from "./run.ts";

const EXIT_BROKEN = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const options = argumentsOf(commandLine.parse(Deno.args, { from: "user" }).opts());
Deno.exit(typeof options === "string" ? commandLine.error(options) : await chaos(options));

async function chaos(options: ChaosArguments): Promise<number> {
  const chosen = await chooseBacking(options.components, Deno.env.toObject());
  if (!chosen.ok) {
    console.error(`Cannot begin: ${chosen.problem}`);
    return EXIT_USAGE;
  }
  const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  console.log(`Seed ${seed} (repeat it with --seed ${seed})`);
  using log = options.logFile === undefined
    ? undefined
    : await Deno.open(options.logFile, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  const stop = new AbortController();
  stopRequested().then(() => stop.abort());
  try {
    const report = await runChaos({
      ...options,
      seed,
      backing: chosen.backing,
      print: (line) => console.log(line),
      onLine: (name, line) => log?.writeSync(encoder.encode(`${name}: ${line}\n`)),
      signal: stop.signal,
    });
    console.log(`\n${describeReport(report)}`);
    return report.violations.length === 0 ? 0 : EXIT_BROKEN;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.log("Stopped before the end");
    return EXIT_INTERRUPTED;
  }
}

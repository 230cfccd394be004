import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { sleep } from "@playground/shared/time";
import type { Backing } from "./backing.ts";
import { FaultLog } from "./faults.ts";
import { checkVisibility, cleanUp, collectFindings } from "./findings.ts";
import { elapsed, followSchedule, healLinks } from "./inject.ts";
import { Ledger } from "./ledger.ts";
import { sendLoad } from "./load.ts";
import { Observer } from "./observer.ts";
import { type Violation, violationsOf } from "./promises.ts";
import { queueLengths } from "./queues.ts";
import { awaitQuiet } from "./quiet.ts";
import { reconcile } from "./reconcile.ts";
import type { ChaosReport } from "./report.ts";
import { untilReady, whoIsNotReady } from "./restarted_process.ts";
import { planFaults } from "./schedule.ts";
import { type ChaosSystem, startChaosSystem } from "./system.ts";

export interface ChaosOptions {
  /** The same seed gives the same faults and the same emails. */
  readonly seed: number;
  /** For how long emails are sent and things go wrong. */
  readonly durationMs: number;
  readonly ratePerSecond: number;
  readonly backing: Backing;
  /** Takes the lines that tell what goes on. */
  readonly print: (line: string) => void;
  /** Takes the lines of all processes. */
  readonly onLine: (name: string, line: string) => void;
  /** Ends the run early; it then has no result. */
  readonly signal: AbortSignal;
}

/** How long patient callers may wait for their promise when nothing goes wrong any more. */
const PROMISE_TIMEOUT_MS = 60_000;
const PROGRESS_INTERVAL_MS = 5_000;

/** What all phases of a run share. */
export interface Run extends ChaosOptions {
  readonly id: string;
  readonly system: ChaosSystem;
  readonly observer: Observer;
  readonly ledger: Ledger;
  readonly faultLog: FaultLog;
  /** How many dead letters there were before. */
  readonly deadBefore: number;
  readonly startedAt: number;
}

/**
 * Sends emails while things go wrong, then lets the system come to rest and holds what was promised against what became of it.
 * Rejects if the system does not start, or the run is ended early.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await using resources = new AsyncDisposableStack();
  const run = await beginRun(options, resources);
  options.print(`Run ${run.id} has begun`);
  const violations = await disturbAndHeal(run);
  const quietMs = performance.now() - run.startedAt - run.durationMs;
  return await account(run, violations, quietMs);
}

async function beginRun(options: ChaosOptions, resources: AsyncDisposableStack): Promise<Run> {
  const { backing, onLine, signal } = options;
  const { outlivesRun } = backing;
  const id = crypto.randomUUID().slice(0, 8);
  const system = resources.use(
    await startChaosSystem({ backing, database: `chaos-${id}`, onLine, signal }),
  );
  const observer = resources.use(new Observer(system.direct));
  const ledger = new Ledger();
  if (outlivesRun) resources.defer(() => cleanUp(system, observer, ledger));
  await untilReady(system.processes, signal);
  await checkCluster(backing, system);
  return {
    ...options,
    id,
    system,
    observer,
    ledger,
    faultLog: new FaultLog(),
    deadBefore: outlivesRun
      ? (await queueLengths(system.direct.amqpUrls))[DEAD_LETTER_QUEUE] ?? 0
      : 0,
    startedAt: performance.now(),
  };
}

/** Against fewer members than nodes a run would prove nothing. */
async function checkCluster(backing: Backing, system: ChaosSystem): Promise<void> {
  const { brokerNodeCount } = backing;
  if (brokerNodeCount === 1) return;
  const members = await system.components.get("broker")?.queueMembers?.() ?? [];
  if (members.length !== brokerNodeCount) {
    throw new Error(`Cannot begin: ${members.length} of ${brokerNodeCount} nodes keep the queue`);
  }
}

/** Sends emails and injects faults, then waits until nothing is on its way any more. */
async function disturbAndHeal(run: Run): Promise<readonly Violation[]> {
  const { seed, durationMs, backing, system } = run;
  const ending = new AbortController();
  const signal = AbortSignal.any([run.signal, ending.signal]);
  const schedule = planFaults(seed, durationMs, backing.brokerNodeCount > 1);
  const faults = followSchedule(schedule, run, signal);
  const load = sendLoad(run, signal);
  const progress = setInterval(() => tellProgress(run, signal), PROGRESS_INTERVAL_MS);
  try {
    await Promise.race([faults, system.gaveUp]);
    run.signal.throwIfAborted();
    await healLinks(system);
    run.print(`${elapsed(run.startedAt)}  healed; waiting for quiet`);
    return [...await awaitPromises(load, run, signal), ...await awaitQuiet(run)];
  } finally {
    clearInterval(progress);
    ending.abort();
    await Promise.all([faults, load]);
  }
}

async function tellProgress(
  { observer, ledger, faultLog, startedAt, print }: Run,
  signal: AbortSignal,
): Promise<void> {
  const archived = await observer.archivedCount().catch(() => "?");
  if (signal.aborted) return;
  print(
    `${elapsed(startedAt)}  accepted ${ledger.accepted.size}, archived ${archived}, ` +
      `faults ${faultLog.records.length}`,
  );
}

async function awaitPromises(
  load: Promise<void>,
  { system }: Run,
  signal: AbortSignal,
): Promise<readonly Violation[]> {
  const areAllPromised = await Promise.race([
    load.then(() => true),
    sleep(PROMISE_TIMEOUT_MS, signal).then(() => false),
    system.gaveUp,
  ]);
  if (areAllPromised) return [];
  return violationsOf("answers", [`no promise within ${PROMISE_TIMEOUT_MS} ms after the faults`]);
}

/** Stops the services and holds what was promised against what is there. */
async function account(
  { seed, backing, durationMs, system, observer, ledger, faultLog }: Run,
  violations: readonly Violation[],
  quietMs: number,
): Promise<ChaosReport> {
  const notReady = (await whoIsNotReady(system.processes)).map((name) => `${name} is not ready`);
  const { findings, leftovers } = await collectFindings(system, observer, ledger, faultLog);
  const result = reconcile(findings);
  const visibility = await checkVisibility(system, ledger, findings, faultLog);
  return {
    seed,
    components: backing.description,
    durationMs,
    quietMs,
    ledger,
    faultLog,
    result,
    visibility,
    violations: [
      ...violations,
      ...result.violations,
      ...violationsOf("empty", leftovers),
      ...violationsOf("answers", ledger.violations),
      ...violationsOf("alive", notReady),
      ...violationsOf("alive", system.processes.flatMap(({ failures }) => failures)),
      ...violationsOf("visible", visibility.status === "known" ? visibility.unseen : []),
    ],
  };
}

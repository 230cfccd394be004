import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { MessageServerClient } from "@playground/tasks/clients/message-server";
import { sleep } from "@playground/shared/time";
import { cleanUp, lookAtTraces, stopAndLook } from "./aftermath.ts";
import { type Backing, describeBacking } from "./components.ts";
import { createEmailWriter } from "./emails.ts";
import { FaultLog } from "./fault_log.ts";
import { healWays } from "./inject.ts";
import { elapsed } from "./elapsed.ts";
import { followSchedule } from "./follow_schedule.ts";
import { Ledger } from "./ledger.ts";
import { sendLoad } from "./load.ts";
import { Observer } from "./observer.ts";
import { type Violation, violationsOf } from "./promises.ts";
import { purgeQueues, queueLengths } from "./queues.ts";
import { reconcile } from "./reconcile.ts";
import type { ChaosReport } from "./report.ts";
import { untilReady, whoIsNotReady } from "./readiness.ts";
import { planFaults } from "./schedule.ts";
import { type ChaosSystem, startChaosSystem } from "./system.ts";
import { waitForQuiet } from "./quiet.ts";

/** A run of the chaos suite. */
export interface ChaosOptions {
  /** The same seed gives the same faults and the same emails. */
  readonly seed: number;
  /** For how long emails are sent and things go wrong, in milliseconds. */
  readonly durationMs: number;
  /** How many emails a second. */
  readonly ratePerSecond: number;
  /** What stands behind the services. */
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
/**
 * Longer than any sleep that a service makes by itself, or RabbitMQ: a message whose way out of a retry queue was cut off by the loss
 * of a node is sent again after three minutes (`dead_letter_worker_publisher_confirm_timeout`), and is to be seen nowhere until then.
 */
const STALL_TIMEOUT_MS = { standIn: 60_000, rabbitmq: 240_000 } as const;
const PROGRESS_INTERVAL_MS = 5_000;
/**
 * Sends emails while things go wrong, then lets the system come to rest and holds what was promised against what became of it.
 *
 * @throws {Error} If the system does not start, or the run is ended early.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, durationMs, backing, print, onLine } = options;
  const runId = crypto.randomUUID().slice(0, 8);
  if (backing.kind === "named") await purgeQueues([backing.components.amqpUrl]);
  await using resources = new AsyncDisposableStack();
  const system = resources.use(
    await startChaosSystem({
      backing,
      database: `chaos-${runId}`,
      onLine,
      signal: options.signal,
    }),
  );
  const observer = resources.use(new Observer(system.direct));
  const ledger = new Ledger();
  if (backing.kind === "named") resources.defer(() => cleanUp(system, observer, ledger));
  await untilReady(system.processes, options.signal);
  await checkCluster(backing, system);
  const deadBefore = backing.kind === "named" ? await deadLetterCount(system) : 0;

  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const startedAt = performance.now();
  print(`Run ${runId} has begun`);
  const faultLog = new FaultLog();
  const isCluster = backing.kind === "own" && backing.nodeCount > 1;
  const faults = followSchedule(planFaults(seed, durationMs, { isCluster }), {
    ...options,
    system,
    faultLog,
    signal,
  });
  const load = sendLoad({
    ...options,
    servers: system.services.filter(({ service }) => service === "message-server").map(
      ({ url, process }) => ({
        name: process.name,
        client: new MessageServerClient(url, undefined),
      }),
    ),
    emailOf: createEmailWriter(seed, runId),
    ledger,
    gate: system.loadGate,
    signal,
  });
  const progress = setInterval(async () => {
    const archived = await observer.archivedCount().catch(() => "?");
    if (signal.aborted) return;
    print(
      `${elapsed(startedAt)}  accepted ${ledger.accepted.size}, archived ${archived}, ` +
        `faults ${faultLog.records.length}`,
    );
  }, PROGRESS_INTERVAL_MS);
  const stallTimeoutMs = STALL_TIMEOUT_MS[backing.kind === "stand-ins" ? "standIn" : "rabbitmq"];
  const violations: Violation[] = [];
  try {
    await Promise.race([faults, system.gaveUp]);
    options.signal.throwIfAborted();
    await healWays(system);
    print(`${elapsed(startedAt)}  healed; waiting for quiet`);
    const allPromised = await Promise.race([
      load.then(() => true),
      sleep(PROMISE_TIMEOUT_MS, signal).then(() => false),
      system.gaveUp,
    ]);
    if (!allPromised) {
      const detail = `no promise within ${PROMISE_TIMEOUT_MS} ms after the faults`;
      violations.push({ promise: "answers", detail });
    }
    const quiet = await waitForQuiet({
      system,
      observer,
      acceptedCount: ledger.accepted.size,
      deadBefore,
      stallTimeoutMs,
      signal,
    });
    options.signal.throwIfAborted();
    if (!quiet.isQuiet) {
      const detail = `no quiet, and nothing new for ${stallTimeoutMs} ms: ${quiet.state}`;
      violations.push({ promise: "empty", detail });
    }
  } finally {
    clearInterval(progress);
    ending.abort();
    await Promise.all([faults, load]);
  }
  const quietMs = performance.now() - startedAt - durationMs;
  const notReady = (await whoIsNotReady(system.processes)).map((name) => `${name} is not ready`);

  const { findings, leftovers } = await stopAndLook(system, observer, ledger, faultLog);
  const result = reconcile(findings);
  const visibility = await lookAtTraces(system, ledger, findings, faultLog);
  violations.push(
    ...result.violations,
    ...violationsOf("empty", leftovers),
    ...violationsOf("answers", ledger.violations),
    ...violationsOf("alive", notReady),
    ...violationsOf("alive", system.processes.flatMap(({ failures }) => failures)),
    ...violationsOf("visible", visibility.status === "known" ? visibility.unseen : []),
  );
  const components = describeBacking(backing);
  return {
    seed,
    components,
    durationMs,
    quietMs,
    ledger,
    faultLog,
    result,
    visibility,
    violations,
  };
}

/** A run against fewer members than nodes would prove nothing. */
async function checkCluster(backing: Backing, system: ChaosSystem): Promise<void> {
  if (backing.kind !== "own" || backing.nodeCount === 1) return;
  const { length } = await system.queueMembers();
  if (length !== backing.nodeCount) {
    throw new Error(`Cannot begin: ${length} of ${backing.nodeCount} nodes keep the queue`);
  }
}

async function deadLetterCount({ direct }: ChaosSystem): Promise<number> {
  return (await queueLengths(direct.amqpUrls))[DEAD_LETTER_QUEUE] ?? 0;
}

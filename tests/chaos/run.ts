import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { SERVICE_NAMES } from "@playground/tasks/launcher";
import { MessageServerClient } from "@playground/tasks/message-server";
import { pause } from "../../tasks/load/pause.ts";
import { createEmailWriter } from "./emails.ts";
import { FaultLog } from "./fault_log.ts";
import { healWays } from "./inject.ts";
import { elapsed } from "./elapsed.ts";
import { followSchedule } from "./follow_schedule.ts";
import { Ledger } from "./ledger.ts";
import { sendLoad } from "./load.ts";
import { Observer } from "./observer.ts";
import { purgeQueues, queueLengths, takeDeadLetters } from "./queues.ts";
import { type Findings, reconcile } from "./reconcile.ts";
import type { ChaosReport } from "./report.ts";
import { untilReady, whoIsNotReady } from "./readiness.ts";
import { planFaults } from "./schedule.ts";
import { type ChaosSystem, type RealComponents, startChaosSystem } from "./system.ts";
import { waitForQuiet } from "./quiet.ts";

/** A run of the chaos suite. */
export interface ChaosOptions {
  /** The same seed gives the same faults and the same emails. */
  readonly seed: number;
  /** For how long emails are sent and things go wrong, in milliseconds. */
  readonly durationMs: number;
  /** How many emails a second. */
  readonly ratePerSecond: number;
  /** The real components, or all stand-ins. */
  readonly real?: RealComponents | undefined;
  /** Takes the lines that tell what goes on. */
  readonly print: (line: string) => void;
  /** Takes the lines of all processes. */
  readonly onLine: (name: string, line: string) => void;
  /** Ends the run early; it then has no result. */
  readonly signal: AbortSignal;
}

const START_TIMEOUT_MS = 60_000;
/** How long patient callers may wait for their promise when nothing goes wrong any more. */
const PROMISE_TIMEOUT_MS = 60_000;
/** Longer than any pause that a service makes by itself. */
const STALL_TIMEOUT_MS = 60_000;
const PROGRESS_INTERVAL_MS = 5_000;

/**
 * Sends emails while things go wrong, then lets the system come to rest and holds what was promised against what became of it.
 *
 * @param options Which run.
 * @returns What became of everything.
 * @throws {Error} If the system does not start, or the run is ended early.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, durationMs, real, print, onLine } = options;
  const runId = crypto.randomUUID().slice(0, 8);
  if (real !== undefined) await purgeQueues(real.amqpUrl);
  await using resources = new AsyncDisposableStack();
  const system = resources.use(
    await startChaosSystem({ real, database: `chaos-${runId}`, onLine }),
  );
  const observer = resources.use(new Observer(system.direct));
  const ledger = new Ledger();
  if (real !== undefined) resources.defer(() => cleanUp(system, observer, ledger));
  await untilReady(system, START_TIMEOUT_MS, options.signal);
  const deadBefore = real === undefined ? 0 : await deadLetterCount(system);

  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const startedAt = performance.now();
  print(`Run ${runId} has begun`);
  const faultLog = new FaultLog();
  const faults = followSchedule(planFaults(seed, durationMs), {
    ...options,
    system,
    faultLog,
    signal,
  });
  const load = sendLoad({
    ...options,
    servers: system.services.filter(({ service }) => service === "message-server").map(
      ({ url }) => new MessageServerClient(url, undefined),
    ),
    emailOf: createEmailWriter(seed, runId),
    ledger,
    signal,
  });
  const progress = setInterval(async () => {
    const archived = await observer.archivedCount().catch(() => "?");
    if (signal.aborted) return;
    print(
      `${elapsed(startedAt)}  accepted ${ledger.accepted.size}, archived ${archived}, ` +
        `faults ${faultLog.count}`,
    );
  }, PROGRESS_INTERVAL_MS);
  const violations: string[] = [];
  try {
    await Promise.race([faults, system.gaveUp]);
    options.signal.throwIfAborted();
    healWays(system);
    print(`${elapsed(startedAt)}  healed; waiting for quiet`);
    const allPromised = await Promise.race([
      load.then(() => true),
      pause(PROMISE_TIMEOUT_MS, signal).then(() => false),
      system.gaveUp,
    ]);
    if (!allPromised) {
      violations.push(`no promise within ${PROMISE_TIMEOUT_MS} ms after the faults`);
    }
    const quiet = await waitForQuiet({
      system,
      observer,
      acceptedCount: ledger.accepted.size,
      deadBefore,
      stallTimeoutMs: STALL_TIMEOUT_MS,
      signal,
    });
    options.signal.throwIfAborted();
    if (!quiet.isQuiet) {
      violations.push(`no quiet, and nothing new for ${STALL_TIMEOUT_MS} ms: ${quiet.state}`);
    }
  } finally {
    clearInterval(progress);
    ending.abort();
    await Promise.all([faults, load]);
  }
  const quietMs = performance.now() - startedAt - durationMs;
  violations.push(...(await whoIsNotReady(system)).map((name) => `${name} is not ready`));

  const { findings, leftovers } = await stopAndLook(system, observer, ledger, faultLog);
  const result = reconcile(findings);
  violations.push(...result.violations, ...ledger.violations, ...leftovers);
  violations.push(...system.processes.flatMap(({ failures }) => failures));
  const components = real === undefined ? "stand-ins" : "real components";
  return { seed, components, durationMs, quietMs, ledger, faultLog, result, violations };
}

/**
 * Stops the services in the order of an email's way. Whoever holds a message settles it or gives it back before it ends, so that
 * afterwards the queues, the inbox and the archive tell all.
 */
async function stopAndLook(
  system: ChaosSystem,
  observer: Observer,
  { posted, accepted }: Ledger,
  { redeliveries }: FaultLog,
): Promise<{ readonly findings: Findings; readonly leftovers: readonly string[] }> {
  const { amqpUrl, isBrokerShared } = system.direct;
  await system.stopService("message-server");
  await system.stopService("emailer");
  const { [DEAD_LETTER_QUEUE]: _, ...waiting } = await queueLengths(amqpUrl);
  const deadLetters = await takeDeadLetters(amqpUrl, (id) => !isBrokerShared || posted.has(id));
  await system.stopService("mail-poller");
  const inbox = await observer.inboxCount();
  return {
    findings: { posted, accepted, archived: await observer.archived(), deadLetters, redeliveries },
    leftovers: [
      ...Object.entries(waiting).filter(([, count]) => count > 0).map(([queue, count]) =>
        `the queue ${queue} holds ${count} messages`
      ),
      ...(inbox === 0 ? [] : [`the inbox holds ${inbox} or more mails`]),
    ],
  };
}

async function deadLetterCount({ direct }: ChaosSystem): Promise<number> {
  return (await queueLengths(direct.amqpUrl))[DEAD_LETTER_QUEUE] ?? 0;
}

/** Leaves nothing of the run at components that go on afterwards, and nobody who would put something back. */
async function cleanUp(system: ChaosSystem, observer: Observer, ledger: Ledger): Promise<void> {
  await Promise.all(SERVICE_NAMES.map((service) => system.stopService(service)));
  await purgeQueues(system.direct.amqpUrl);
  await takeDeadLetters(system.direct.amqpUrl, (id) => ledger.posted.has(id));
  await observer.dropDatabase();
}

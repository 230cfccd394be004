import { sleep } from "@playground/shared/time";
import type { Backend } from "./backend.ts";
import { type Backing, STAND_INS } from "./backing.ts";
import type { FaultRecord } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { type LoadOptions, sendLoad } from "./load.ts";
import { type Findings, reconcile } from "./reconcile.ts";
import type { ChaosReport } from "./report.ts";
import { untilReady, whoIsNotReady } from "./restarted_process.ts";
import { followSchedule, planFaults } from "./schedule.ts";
import { type ChaosSystem, startChaosSystem } from "./system.ts";
import { findFailures, type Visibility } from "./visibility.ts";

/** The same seed gives the same faults and the same emails, for as long as things go wrong. */
export interface ChaosOptions extends Omit<LoadOptions, "runId"> {
  readonly backing: Backing;
  readonly print: (line: string) => void;
  readonly onLine: (name: string, line: string) => void;
  /** Ends the run early; it then has no result. */
  readonly signal: AbortSignal;
}

/** How long patient callers may wait for their promise when nothing goes wrong any more. */
const PROMISE_TIMEOUT_MS = 60_000;
/**
 * Longer than any wait of a service or of RabbitMQ: a message whose way out of a retry queue was cut off by the loss of a node is
 * sent again after three minutes (`dead_letter_worker_publisher_confirm_timeout`), and no queue counts it until then.
 */
const STALL_TIMEOUT_MS = { standIns: 60_000, rabbitmq: 240_000 } as const;
/** Messages held by emailers are invisible; without a fault, none is held longer than this. */
const STABLE_MS = 3_000;
const LOOK_INTERVAL_MS = 500;
/** A collector that has dropped more traces proves nothing about what was reported. */
const MAX_FORGOTTEN_SHARE = 0.02;

/**
 * Sends emails under faults, then lets the system settle and compares the promises with the outcomes. Rejects if the system does
 * not start, or the run is ended early.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { backing, print, onLine, signal } = options;
  const runId = crypto.randomUUID().slice(0, 8);
  await using system = await startChaosSystem({ backing, onLine, signal });
  const { backend, processes } = system;
  const ledger = new Ledger();
  await untilReady(processes, signal);
  await checkCluster(system, backing.brokerNodeCount);

  print(`Run ${runId} has begun`);
  const { faults, noQuiet, arePromisesLate, quietMs } = await sendUnderFaults(
    { ...options, runId },
    system,
    ledger,
  );
  const notReady = await whoIsNotReady(processes);
  const { findings, leftovers } = await stopAndCollect(system, ledger, faults);
  const result = reconcile(findings);
  const visibility = await checkVisibility(backend, ledger, findings);
  return {
    quietMs,
    ledger,
    faults,
    result,
    visibility,
    violations: {
      kept: result.broken,
      nothingElse: result.foreign,
      empty: [noQuiet ?? [], leftovers].flat(),
      alive: [
        ...notReady.map((name) => `${name} is not ready`),
        ...processes.flatMap(({ failures }) => failures),
      ],
      answers: [
        ...ledger.violations,
        arePromisesLate ? `no promise within ${PROMISE_TIMEOUT_MS} ms after the faults` : [],
      ].flat(),
      visible: typeof visibility === "string" ? [] : visibility.unseen,
    },
  };
}

/** Sends emails while the faults happen, then waits until nothing is in flight. */
async function sendUnderFaults(
  options: ChaosOptions & { readonly runId: string },
  system: ChaosSystem,
  ledger: Ledger,
) {
  const { seed, durationMs, backing, print, signal } = options;
  const startedAt = performance.now();
  const ending = new AbortController();
  const running = AbortSignal.any([signal, ending.signal]);
  const schedule = planFaults(seed, durationMs, backing.brokerNodeCount > 1);
  const breaking = followSchedule(schedule, durationMs, system, print, running);
  let sentAt = Infinity;
  const sending = sendLoad(options, system, ledger, running)
    .finally(() => sentAt = performance.now());
  const stallTimeoutMs = STALL_TIMEOUT_MS[backing === STAND_INS ? "standIns" : "rabbitmq"];
  let faults: readonly FaultRecord[];
  let noQuiet: string | undefined;
  let arePromisesLate: boolean;
  try {
    faults = await breaking;
    signal.throwIfAborted();
    print("All faults are over; waiting for quiet");
    const healedAt = performance.now();
    const isSending = () => sentAt === Infinity;
    noQuiet = await awaitQuiet(system, ledger, isSending, stallTimeoutMs, signal);
    arePromisesLate = sentAt - healedAt > PROMISE_TIMEOUT_MS;
  } finally {
    ending.abort();
    await Promise.all([breaking, sending]);
  }
  const quietMs = performance.now() - startedAt - durationMs;
  return { faults, noQuiet, arePromisesLate, quietMs };
}

/** With fewer members than nodes, a run would prove nothing. */
async function checkCluster({ components }: ChaosSystem, nodeCount: number): Promise<void> {
  if (nodeCount === 1) return;
  const members = await components.get("broker")?.queueMembers?.() ?? [];
  if (members.length !== nodeCount) {
    throw new Error(`Cannot begin: ${members.length} of ${nodeCount} nodes keep the queue`);
  }
}

/**
 * Waits until nothing is in flight: every caller has its promise, all queues and the inbox are empty, every process is ready, and
 * nothing has changed for some seconds. Reports the state if that does not happen.
 */
async function awaitQuiet(
  { backend, services }: ChaosSystem,
  { accepted }: Ledger,
  isSending: () => boolean,
  stallTimeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const look = async () => {
    const { waiting, dead } = await backend.queueLengths();
    const inbox = await backend.inboxCount();
    const archived = await backend.archivedCount();
    const ready = await Promise.all(services.map(({ process }) => process.isReady()));
    const isQuiet = !isSending() && waiting + inbox === 0 && ready.every(Boolean) &&
      archived + dead >= accepted.size;
    return { isQuiet, waiting, inbox, archived, dead, ready, accepted: accepted.size };
  };
  let last = "";
  let changedAt = performance.now();
  for (;;) {
    const seen = await look().catch((error) => ({ isQuiet: false, problem: String(error) }));
    const state = JSON.stringify(seen);
    const now = performance.now();
    if (state !== last) changedAt = now;
    last = state;
    const stableMs = now - changedAt;
    if (seen.isQuiet && stableMs >= STABLE_MS) return undefined;
    signal.throwIfAborted();
    if (stableMs >= stallTimeoutMs) {
      return `no quiet, and nothing new for ${stallTimeoutMs} ms: ${state}`;
    }
    await sleep(LOOK_INTERVAL_MS, signal);
  }
}

/**
 * Stops the services in the order of an email's way. Each settles or gives back its messages before it ends, so that the queues,
 * the inbox and the archive are complete.
 */
async function stopAndCollect(
  { backend, stopService }: ChaosSystem,
  { posted, accepted }: Ledger,
  faults: readonly FaultRecord[],
): Promise<{ readonly findings: Findings; readonly leftovers: readonly string[] }> {
  await stopService("message-server");
  await stopService("emailer");
  const { waiting } = await backend.queueLengths();
  const deadLetters = await backend.deadLetters();
  await stopService("mail-poller");
  const inbox = await backend.inboxCount();
  const archived = await backend.archived();
  return {
    findings: { posted, accepted, archived, deadLetters, faults },
    leftovers: [
      waiting === 0 ? [] : `the queues hold ${waiting} messages`,
      inbox === 0 ? [] : `the inbox holds ${inbox} or more mails`,
    ].flat(),
  };
}

/** Looks for failures in the traces, once the services have stopped: their last spans are with the collector then. */
async function checkVisibility(
  backend: Backend,
  { acceptedTraces, refusals }: Ledger,
  { deadLetters, faults }: Findings,
): Promise<Visibility | string> {
  try {
    const traces = await backend.readTraces([
      ...acceptedTraces,
      ...refusals.map(({ traceId }) => traceId),
      ...deadLetters.flatMap(({ traceId }) => traceId ?? []),
    ]);
    const { size: forgotten } = acceptedTraces.difference(traces);
    if (forgotten > MAX_FORGOTTEN_SHARE * acceptedTraces.size) {
      return `the collector has forgotten ${forgotten} traces`;
    }
    return findFailures({ traces, refusals, deadLetters, faults });
  } catch (error) {
    return `the collector does not answer: ${error}`;
  }
}

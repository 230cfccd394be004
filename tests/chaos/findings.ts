import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { SERVICE_NAMES } from "@playground/tasks/system";
import { faultKind, type FaultLog } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import type { Observer } from "./observer.ts";
import { purgeQueues, queueLengths, takeDeadLetters } from "./queues.ts";
import { readTraces } from "./read_traces.ts";
import type { Findings } from "./reconcile.ts";
import type { ChaosSystem } from "./system.ts";
import { findFailures, type Visibility } from "./visibility.ts";

export type VisibilityResult =
  | { readonly status: "known" } & Visibility
  | { readonly status: "unknown"; readonly reason: string };

/** A collector that has forgotten more of the traces tells nothing about what was reported. */
const MAX_FORGOTTEN_SHARE = 0.02;

/**
 * Stops the services in the order of an email's way. Whoever holds a message settles it or gives it back before it ends, so that
 * afterwards the queues, the inbox and the archive tell all.
 */
export async function collectFindings(
  system: ChaosSystem,
  observer: Observer,
  { posted, accepted }: Ledger,
  { redeliveries, records }: FaultLog,
): Promise<{ readonly findings: Findings; readonly leftovers: readonly string[] }> {
  const { amqpUrls } = system.direct;
  await system.stopService("message-server");
  await system.stopService("emailer");
  const { [DEAD_LETTER_QUEUE]: _, ...waiting } = await queueLengths(amqpUrls);
  // What was there before is somebody else's.
  const isOurs = (id: string) => !system.outlivesRun || posted.has(id);
  const deadLetters = await takeDeadLetters(amqpUrls, isOurs);
  await system.stopService("mail-poller");
  const inbox = await observer.inboxCount();
  const kinds = new Set(records.map(({ fault }) => faultKind(fault)));
  const archived = await observer.archived();
  return {
    findings: { posted, accepted, archived, deadLetters, faults: { redeliveries, kinds } },
    leftovers: [
      ...Object.entries(waiting).filter(([, count]) => count > 0).map(([queue, count]) =>
        `the queue ${queue} holds ${count} messages`
      ),
      ...(inbox === 0 ? [] : [`the inbox holds ${inbox} or more mails`]),
    ],
  };
}

/**
 * Looks for failures in the traces, once the services have stopped: their last spans are with the collector then.
 */
export async function checkVisibility(
  { direct }: ChaosSystem,
  { acceptedTraces, refusals }: Ledger,
  { deadLetters }: Findings,
  { records: faults }: FaultLog,
): Promise<VisibilityResult> {
  const read = await readTraces(direct.zipkinUrl, [
    ...acceptedTraces,
    ...refusals.map(({ traceId }) => traceId),
    ...deadLetters.flatMap(({ traceId }) => traceId ?? []),
  ]);
  if (!read.ok) return { status: "unknown", reason: read.reason };
  const { traces } = read;
  const forgotten = [...acceptedTraces].filter((traceId) => !traces.has(traceId)).length;
  if (forgotten > MAX_FORGOTTEN_SHARE * acceptedTraces.size) {
    return { status: "unknown", reason: `the collector has forgotten ${forgotten} traces` };
  }
  return { status: "known", ...findFailures({ traces, refusals, deadLetters, faults }) };
}

/**
 * Leaves nothing of the run at components that go on afterwards, and nobody who would put something back.
 */
export async function cleanUp(
  system: ChaosSystem,
  observer: Observer,
  ledger: Ledger,
): Promise<void> {
  await Promise.all(SERVICE_NAMES.map((service) => system.stopService(service)));
  await purgeQueues(system.direct.amqpUrls);
  await takeDeadLetters(system.direct.amqpUrls, (id) => ledger.posted.has(id));
  await observer.dropDatabase();
}

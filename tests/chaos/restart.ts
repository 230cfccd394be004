import { sleep } from "@playground/shared/time";
import { type Component, LINKS_TO } from "./faults.ts";
import { HALF_BODY, HalfSentRequests } from "../fixture/half_sent_requests.ts";
import type { RestartedProcess } from "./restarted_process.ts";
import type { RestartedService } from "./restarted_service.ts";
import type { ChaosSystem } from "./system.ts";

const OUTAGE_MS = 1_500;
/** What does not run by then may not come back at all; the end of the run tells. */
const ALIVE_TIMEOUT_MS = 60_000;
/** Before a process that was killed is asked whether it is back. */
const LOOK_INTERVAL_MS = 50;

/**
 * Kills what stands behind the services, which is started again with its state: of a cluster, the node that leads the queue. Nobody
 * reaches a component for a moment that is not ours to kill.
 */
export async function restartComponent(
  component: Component,
  system: ChaosSystem,
  onBegin: (detail?: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const [first, ...others] = system.components.get(component) ?? [];
  if (first !== undefined) {
    if (others.length === 0) {
      onBegin();
      return await killUntilAlive(first, signal);
    }
    // Two of three would take the majority along.
    for (const process of [first, ...others]) await untilAlive(process, signal);
    const leader = (await system.queueMembers()).find(({ isLeader }) => isLeader)?.node.process;
    if (signal.aborted) return;
    onBegin(leader === undefined ? first.name : `${leader.name}, the leader`);
    return await killUntilAlive(leader ?? first, signal);
  }
  onBegin("unreachable");
  const links = LINKS_TO[component].flatMap((link) => system.links[link]);
  for (const link of links) link.refuse();
  await sleep(OUTAGE_MS, signal);
  for (const link of links) link.accept();
}

/** Kills a process and waits until it runs again. */
export async function killUntilAlive(
  process: RestartedProcess,
  signal: AbortSignal,
): Promise<void> {
  await process.kill();
  await untilAlive(process, signal);
}

/** Asks a service to stop while a caller has sent half a request, and waits until it runs again. */
export async function stopUntilAlive(
  { process, url }: RestartedService,
  signal: AbortSignal,
): Promise<void> {
  await untilAlive(process, signal);
  if (signal.aborted) return;
  using _caller = await HalfSentRequests.open(url.href, HALF_BODY, 1);
  await process.stop();
  await untilAlive(process, signal);
}

async function untilAlive(process: RestartedProcess, signal: AbortSignal): Promise<void> {
  const giveUpAt = performance.now() + ALIVE_TIMEOUT_MS;
  while (!signal.aborted && performance.now() < giveUpAt) {
    if (await process.isAlive()) return;
    await sleep(LOOK_INTERVAL_MS, signal);
  }
}

import { pause } from "../../tasks/load/pause.ts";
import { apiFault } from "./api_faults.ts";
import { type Fault, WAYS_TO } from "./faults.ts";
import type { MortalProcess } from "./mortal_process.ts";
import type { ChaosSystem } from "./system.ts";

/** How long nobody reaches a real component in place of its restart. */
const OUTAGE_MS = 1_500;
/** What does not run by then may not come back at all; the end of the run tells. */
const ALIVE_TIMEOUT_MS = 30_000;
/** Before a process that was killed is asked whether it is back. */
const LOOK_INTERVAL_MS = 50;

/**
 * Does a fault to the system, and takes it back at its end.
 *
 * @param fault What goes wrong.
 * @param system What it is done to.
 * @param signal Takes it back early.
 * @returns When it is over: a process that was killed runs again, or has not come back within half a minute.
 */
export async function injectFault(
  fault: Fault,
  system: ChaosSystem,
  signal: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case "kill": {
      const victim = system.services.find(({ process }) => process.name === fault.target);
      if (victim === undefined) {
        throw new RangeError(`Cannot kill ${fault.target}: no such process`);
      }
      return await killUntilAlive(victim.process, signal);
    }
    case "restart": {
      const standIn = system.standIns.get(fault.component);
      if (standIn !== undefined) return await killUntilAlive(standIn, signal);
      const ways = WAYS_TO[fault.component].map((way) => system.ways[way]);
      for (const way of ways) way.refuse();
      await pause(OUTAGE_MS, signal);
      for (const way of ways) way.accept();
      return;
    }
    case "api":
      system.mailtrapApi.intercept(apiFault(fault.answer, signal));
      await pause(fault.durationMs, signal);
      return system.mailtrapApi.intercept();
    case "cut":
      return system.ways[fault.way].cut();
    case "refuse":
      system.ways[fault.way].refuse();
      await pause(fault.durationMs, signal);
      return system.ways[fault.way].accept();
    case "freeze":
      system.ways[fault.way].freeze();
      await pause(fault.durationMs, signal);
      return system.ways[fault.way].thaw();
    case "delay":
      system.ways[fault.way].delay(fault.delayMs);
      await pause(fault.durationMs, signal);
      return system.ways[fault.way].delay(0);
  }
}

/**
 * Lets everything pass again.
 *
 * @param system The system.
 */
export function healWays({ ways, mailtrapApi }: ChaosSystem): void {
  for (const way of Object.values(ways)) {
    way.accept();
    way.thaw();
    way.delay(0);
  }
  mailtrapApi.intercept();
}

async function killUntilAlive(process: MortalProcess, signal: AbortSignal): Promise<void> {
  process.kill();
  const giveUpAt = performance.now() + ALIVE_TIMEOUT_MS;
  while (!signal.aborted && performance.now() < giveUpAt) {
    await pause(LOOK_INTERVAL_MS, signal);
    if (await process.isAlive()) return;
  }
}

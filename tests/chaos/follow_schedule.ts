import { sleep } from "@playground/shared/time";
import type { FaultLog } from "./fault_log.ts";
import { describeFault } from "./faults.ts";
import { injectFault } from "./inject.ts";
import type { ScheduledFault } from "./schedule.ts";
import type { ChaosSystem } from "./system.ts";

export interface FollowScheduleOptions {
  readonly system: ChaosSystem;
  readonly faultLog: FaultLog;
  readonly durationMs: number;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Does each fault at its moment. They overlap. */
export async function followSchedule(
  schedule: readonly ScheduledFault[],
  { system, faultLog, durationMs, print, signal }: FollowScheduleOptions,
): Promise<void> {
  const startedAt = performance.now();
  const until = (atMs: number) => sleep(Math.max(0, startedAt + atMs - performance.now()), signal);
  await Promise.all(schedule.map(async ({ atMs, fault }) => {
    await until(atMs);
    if (signal.aborted) return;
    let end = () => {};
    await injectFault(fault, system, (detail) => {
      const line = `${elapsed(startedAt)}  ${describeFault(fault)}`;
      print(detail === undefined ? line : `${line}: ${detail}`);
      end = faultLog.begin(fault);
    }, signal);
    end();
  }));
  await until(durationMs);
}

/** How much time has passed, for the lines that tell what goes on. */
export function elapsed(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`.padStart(8);
}

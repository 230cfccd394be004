import { sleep } from "@playground/shared/time";
import { elapsed } from "./elapsed.ts";
import type { FaultLog } from "./fault_log.ts";
import { describeFault } from "./faults.ts";
import { injectFault } from "./inject.ts";
import type { ScheduledFault } from "./schedule.ts";
import type { ChaosSystem } from "./system.ts";

/** What following a schedule needs. */
export interface FollowScheduleOptions {
  /** What the faults are done to. */
  readonly system: ChaosSystem;
  /** Counts them. */
  readonly faultLog: FaultLog;
  /** How long the run is, in milliseconds. */
  readonly durationMs: number;
  /** Takes a line for each. */
  readonly print: (line: string) => void;
  /** Ends it early. */
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

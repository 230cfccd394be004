import { sleep } from "@playground/shared/time";
import { SeededRandom } from "../fixture/random.ts";
import { type Fault, faultName, type FaultRecord, oneOfEach } from "./faults.ts";
import type { ChaosSystem } from "./system.ts";

interface ScheduledFault {
  /** Milliseconds since the start of the load. */
  readonly atMs: number;
  readonly fault: Fault;
}

/** Before the first fault some emails are on their way. */
const FIRST_FAULT_MS = 1_000;
/** From one fault to the next; they overlap, as they do on a bad day. */
const GAP_MS = { minimum: 150, maximum: 850 } as const;
/** A process killed more than ten times a minute is not restarted, so each kill is followed by a pause. */
const REST_AFTER_KILL_MS = 8_000;

/** Plans the faults of a run: each kind comes once, in random order, before any comes again. */
export function planFaults(
  seed: number,
  durationMs: number,
  isCluster = false,
): readonly ScheduledFault[] {
  const random = new SeededRandom(seed);
  const killedAtMs = new Map<string, number>();
  const schedule: ScheduledFault[] = [];
  let deck: Fault[] = [];
  let atMs = FIRST_FAULT_MS;
  while (atMs < durationMs) {
    const fault = deck.pop();
    if (fault === undefined) {
      deck = random.shuffle(oneOfEach(random, isCluster));
      continue;
    }
    const { kind, target } = fault;
    if (kind === "kill" || kind === "stop" || kind === "restart") {
      const restedMs = atMs - (killedAtMs.get(target) ?? -Infinity);
      if (restedMs < REST_AFTER_KILL_MS) continue;
      killedAtMs.set(target, atMs);
    }
    schedule.push({ atMs, fault });
    atMs += random.between(GAP_MS.minimum, GAP_MS.maximum);
  }
  return schedule;
}

/** Does each fault at its time, and records when it was. Faults overlap. Resolves when all are over. */
export async function followSchedule(
  schedule: readonly ScheduledFault[],
  durationMs: number,
  system: ChaosSystem,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly FaultRecord[]> {
  const startedAt = performance.now();
  const until = (atMs: number) => sleep(Math.max(0, startedAt + atMs - performance.now()), signal);
  const records = await Promise.all(schedule.map(async ({ atMs, fault }) => {
    await until(atMs);
    if (signal.aborted) return [];
    let fromMs: number | undefined;
    await fault.inject(system, (detail) => {
      fromMs = Date.now();
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const duration = fault.durationMs === 0 ? "" : `, for ${fault.durationMs} ms`;
      const more = detail === undefined ? "" : `: ${detail}`;
      print(`${seconds.padStart(6)} s  ${faultName(fault)}${duration}${more}`);
    }, signal);
    return fromMs === undefined ? [] : [{ ...fault, fromMs, toMs: Date.now() }];
  }));
  await until(durationMs);
  return records.flat();
}

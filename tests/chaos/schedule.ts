import { SERVICE_NAMES } from "@playground/tasks/system";
import {
  API_ANSWERS,
  COMPONENTS,
  EMPTY_TIMEOUT_MS,
  type Fault,
  LINKS,
  SERVICE_TARGETS,
  SMTP_FAILURES,
} from "./faults.ts";
import { SeededRandom } from "../fixture/random.ts";

export interface ScheduledFault {
  /** Milliseconds since the start of the load. */
  readonly atMs: number;
  readonly fault: Fault;
}

/** Before the first fault some emails are on their link. */
const FIRST_FAULT_MS = 1_000;
/** From one fault to the next; they overlap, as they do on a bad day. */
const GAP_MS = { minimum: 150, maximum: 850 } as const;
/** How long a fault lasts that is not over at once. */
const DURATION_MS = { minimum: 500, maximum: 4_000 } as const;
/** How long each piece of an answer is held back. */
const DELAY_MS = { minimum: 20, maximum: 300 } as const;
/** Whoever is killed more often than ten times a minute is not started again; so there is a pause after each. */
const REST_AFTER_KILL_MS = 8_000;

/** Before the queue is deleted, what began must be over; and until it is, nothing else may begin. */
const REST_AROUND_DELETION_MS = { before: 5_000, after: EMPTY_TIMEOUT_MS } as const;

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
    if (deck.length === 0) {
      deck = [{ kind: "delete queue" }, ...random.shuffle(everyFault(random, isCluster))];
    }
    const fault = deck.pop();
    if (fault === undefined) break;
    if (fault.kind === "delete queue") {
      const deletedAtMs = atMs + REST_AROUND_DELETION_MS.before;
      atMs = deletedAtMs + REST_AROUND_DELETION_MS.after;
      if (atMs < durationMs) schedule.push({ atMs: deletedAtMs, fault });
      continue;
    }
    const victim = victimOf(fault);
    const isRested = atMs - (killedAtMs.get(victim ?? "") ?? -Infinity) >= REST_AFTER_KILL_MS;
    if (!isRested) continue;
    if (victim !== undefined) killedAtMs.set(victim, atMs);
    schedule.push({ atMs, fault });
    atMs += random.between(GAP_MS.minimum, GAP_MS.maximum);
  }
  return schedule;
}

/** Who is started again after a fault. */
function victimOf(fault: Fault): string | undefined {
  return fault.kind === "kill" || fault.kind === "stop" || fault.kind === "restart"
    ? fault.target
    : undefined;
}

/** One of each kind. */
function everyFault(random: SeededRandom, isCluster: boolean): readonly Fault[] {
  const durationMs = () => random.between(DURATION_MS.minimum, DURATION_MS.maximum);
  return [
    ...SERVICE_TARGETS.map((target): Fault => ({ kind: "kill", target })),
    ...SERVICE_NAMES.map((service): Fault => ({
      kind: "stop",
      target: random.pick(SERVICE_TARGETS.filter((target) => target.startsWith(service))),
    })),
    ...COMPONENTS.map((target): Fault => ({ kind: "restart", target })),
    // In a cluster the loss of the leader is the matter.
    ...Array.from(
      { length: isCluster ? 2 : 0 },
      (): Fault => ({ kind: "restart", target: "broker" }),
    ),
    ...LINKS.map((target): Fault => ({ kind: "cut", target })),
    ...LINKS.map((target): Fault =>
      random.pick<Fault>([
        { kind: "refuse", target, durationMs: durationMs() },
        { kind: "freeze", target, durationMs: durationMs() },
        {
          kind: "delay",
          target,
          delayMs: random.between(DELAY_MS.minimum, DELAY_MS.maximum),
          durationMs: durationMs(),
        },
      ])
    ),
    ...API_ANSWERS.map((target): Fault => ({ kind: "api", target, durationMs: durationMs() })),
    ...SMTP_FAILURES.map((target): Fault => ({ kind: "smtp", target, durationMs: durationMs() })),
  ];
}

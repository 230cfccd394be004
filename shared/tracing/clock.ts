import type { HrTime } from "@opentelemetry/api";

/** Tells the wall-clock time in microseconds since 1970-01-01 UTC. */
export interface MicrosecondClock {
  /** In whole microseconds; never earlier than before, unless the wall clock is set back. */
  readonly nowMicroseconds: () => number;
}

/** What a {@linkcode MicrosecondClock} is made of; injected in tests. */
export interface TimeSources {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

/** Beyond this difference the wall clock was set, or the machine slept: the clock re-anchors. */
const MAX_DRIFT_MS = 5;
/** How exactly the tick of the wall clock must be known. */
const MAX_TICK_MS = 0.1;

/**
 * A clock that is finer than `Date.now` and agrees with the clocks of the other processes on the machine.
 *
 * `Date.now` counts whole milliseconds; a hop may be shorter. The clock waits once for a tick of the wall clock (at most a
 * millisecond) and counts from there with the monotonic clock.
 */
export function createMicrosecondClock(
  sources: TimeSources = { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
): MicrosecondClock {
  let offsetMs = offsetAtNextTick(sources);
  let lastMicroseconds = 0;
  return {
    nowMicroseconds() {
      // A pause of the process between two readings may be longer, which is no reason to re-anchor.
      const earliestMs = sources.monotonicMs() - MAX_DRIFT_MS;
      const wallMs = sources.wallMs();
      const monotonicMs = sources.monotonicMs();
      if (wallMs < offsetMs + earliestMs || wallMs > offsetMs + monotonicMs + MAX_DRIFT_MS) {
        offsetMs = wallMs - monotonicMs;
        lastMicroseconds = 0;
      }
      lastMicroseconds = Math.max(lastMicroseconds, Math.floor((offsetMs + monotonicMs) * 1000));
      return lastMicroseconds;
    },
  };
}

let shared: MicrosecondClock | undefined;

/** The one clock of this process, by which its spans and their annotations are timed. */
export function processClock(): MicrosecondClock {
  return shared ??= createMicrosecondClock();
}

function offsetAtNextTick({ wallMs, monotonicMs }: TimeSources): number {
  for (;;) {
    const before = wallMs();
    let earliestMs: number;
    let tick: number;
    do {
      earliestMs = monotonicMs();
      tick = wallMs();
    } while (tick === before);
    const latestMs = monotonicMs();
    // Otherwise the process was paused meanwhile.
    if (latestMs - earliestMs <= MAX_TICK_MS) return tick - latestMs;
  }
}

/** OpenTelemetry's pair of seconds and nanoseconds, without loss. */
export function toHrTime(microseconds: number): HrTime {
  return [Math.floor(microseconds / 1_000_000), (microseconds % 1_000_000) * 1000];
}

/** The inverse of {@linkcode toHrTime}, rounded. */
export function toMicroseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000_000 + Math.round(nanoseconds / 1000);
}

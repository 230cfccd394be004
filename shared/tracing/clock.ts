import type { HrTime } from "@opentelemetry/api";

/** Tells the wall-clock time in microseconds since 1970-01-01 UTC. */
export interface MicrosecondClock {
  /** The time now, in whole microseconds; never earlier than it was told before, unless somebody set the wall clock back. */
  readonly nowMicroseconds: () => number;
}

/** What a {@linkcode MicrosecondClock} is made of; injected in tests. */
export interface TimeSources {
  /** Wall-clock milliseconds, as of `Date.now`. */
  readonly wallMs: () => number;
  /** Monotonic milliseconds with a fraction, as of `performance.now`. */
  readonly monotonicMs: () => number;
}

/** Beyond this difference the wall clock was set, or the machine slept: the clock anchors itself anew. */
const MAX_DRIFT_MS = 5;

/**
 * A clock that is finer than `Date.now` and agrees with the clocks of the other processes on the machine.
 *
 * `Date.now` counts whole milliseconds, in which a hop begins and ends at once. So the moment of a tick of the wall clock
 * is taken as an anchor (waiting for at most a millisecond, once per process), and the monotonic clock counts from there.
 *
 * @param sources Where the time comes from.
 * @returns The clock.
 */
export function createMicrosecondClock(
  sources: TimeSources = { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
): MicrosecondClock {
  let offsetMs = offsetAtNextTick(sources);
  let lastMicroseconds = 0;
  return {
    nowMicroseconds() {
      // Between two readings the process may be paused for longer than that, which is no reason to anchor anew.
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
  const before = wallMs();
  let tick = wallMs();
  while (tick === before) tick = wallMs();
  return tick - monotonicMs();
}

/**
 * Converts microseconds to OpenTelemetry's pair of seconds and nanoseconds, without loss.
 *
 * @param microseconds Microseconds since 1970.
 * @returns The same moment.
 */
export function toHrTime(microseconds: number): HrTime {
  return [Math.floor(microseconds / 1_000_000), (microseconds % 1_000_000) * 1000];
}

/**
 * Converts OpenTelemetry's pair of seconds and nanoseconds to whole microseconds.
 *
 * @param time A moment or a duration.
 * @returns The same in microseconds, rounded.
 */
export function toMicroseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000_000 + Math.round(nanoseconds / 1000);
}

import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { AcceptedEmail, MessageServerClient } from "@playground/tasks/clients/message-server";
import { type Clock, SYSTEM_CLOCK } from "./generator.ts";
import { LatencyHistogram, type Percentiles } from "./tally.ts";

/** How long emails took from the request to the archive, from their traces. */
export interface SampleFigures {
  readonly archivedCount: number;
  readonly archivedTimes: Percentiles | undefined;
  readonly slowest: readonly SlowEmail[];
  readonly problem: string | undefined;
}

interface SlowEmail {
  readonly durationMs: number;
  readonly traceUrl: string | undefined;
  readonly pageUrl: string | undefined;
}

interface SampleOptions {
  readonly client: Pick<MessageServerClient, "readTrace">;
  readonly emails: readonly AcceptedEmail[];
  /** Ends the wait for late spans. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

const SLOWEST_COUNT = 5;
/** The spans of an email arrive a moment after it has ended. */
const LATE_SPANS_MS = 3_000;
const INTERVAL_MS = 250;
const CONCURRENCY = 4;

export async function readSample(options: SampleOptions): Promise<SampleFigures> {
  const { client, emails, signal, clock: { now, sleep } = SYSTEM_CLOCK } = options;
  const times = new LatencyHistogram();
  const archived: SlowEmail[] = [];
  const giveUpAt = now() + LATE_SPANS_MS;
  let problem: string | undefined;

  const read = async ({ traceId, id, traceUrl, pageUrl }: AcceptedEmail) => {
    for (;;) {
      const result = await client.readTrace(traceId, id);
      if (result.status === "unavailable") {
        problem ??= result.reason;
        return;
      }
      const state = result.status === "found" ? result.state.name : undefined;
      const durationMs = result.status === "found" && state === "archived"
        ? archivedAfterMs(result.spans)
        : undefined;
      if (durationMs !== undefined) {
        times.record(durationMs);
        archived.push({ durationMs, traceUrl, pageUrl });
        return;
      }
      if (state === "dead-lettered" || signal.aborted || now() >= giveUpAt) return;
      await sleep(INTERVAL_MS, signal);
    }
  };
  // All workers take from one iterator, so that each trace is read once.
  const queue = emails.values();
  const worker = async () => {
    for (const email of queue) await read(email);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return {
    archivedCount: times.count,
    archivedTimes: times.percentiles(),
    slowest: archived.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_COUNT),
    problem,
  };
}

export function archivedAfterMs(spans: readonly ZipkinSpan[]): number | undefined {
  const start = spans.find(({ name }) => name === "schedule-email")?.timestamp;
  const ends = spans
    .filter(({ name, tags }) =>
      (name === "archive-email" || name === "store-message") && tags?.error === undefined
    )
    .map(({ timestamp = NaN, duration = 0 }) => timestamp + duration)
    .filter((end) => !Number.isNaN(end));
  if (start === undefined || ends.length === 0) return undefined;
  return Math.max(0, Math.min(...ends) - start) / 1000;
}

import { archivedAtUs } from "@playground/server/trace-view";
import { sleep } from "@playground/shared/time";
import type { AcceptedEmail, MessageServerClient } from "@playground/tasks/clients/message-server";
import { LatencyHistogram } from "./tally.ts";

/** How long emails took from the request to the archive, from their traces. */
export type SampleFigures = Readonly<Awaited<ReturnType<typeof readSample>>>;

const SLOWEST_COUNT = 5;
/** The spans of an email arrive a moment after it has ended. */
const LATE_SPANS_MS = 3_000;
const INTERVAL_MS = 250;
const CONCURRENCY = 4;

/** An abort ends the wait for late spans. */
export async function readSample(
  client: Pick<MessageServerClient, "readTrace">,
  emails: readonly AcceptedEmail[],
  signal: AbortSignal,
) {
  const times = new LatencyHistogram();
  const archived: (Pick<AcceptedEmail, "traceUrl" | "pageUrl"> & { durationMs: number })[] = [];
  const giveUpAt = performance.now() + LATE_SPANS_MS;
  let problem: string | undefined;

  const read = async ({ traceId, id, traceUrl, pageUrl }: AcceptedEmail) => {
    for (;;) {
      const result = await client.readTrace(traceId, id);
      if (result.status === "unavailable") {
        problem ??= result.reason;
        return;
      }
      const { state, spans = [] } = result.status === "found" ? result : {};
      const startUs = spans.find(({ name }) => name === "schedule-email")?.timestamp;
      const endUs = state?.name === "archived" ? archivedAtUs(spans) : undefined;
      if (startUs !== undefined && endUs !== undefined) {
        const durationMs = Math.max(0, endUs - startUs) / 1_000;
        times.record(durationMs);
        archived.push({ durationMs, traceUrl, pageUrl });
        return;
      }
      if (state?.name === "dead-lettered" || signal.aborted || performance.now() >= giveUpAt) {
        return;
      }
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

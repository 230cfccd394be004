import type { Metrics, Observation } from "@playground/shared/metrics";
import { quantileOf } from "./explore/quantile.ts";
import type { EmailReader } from "./trace_view/mod.ts";

interface ServerSources {
  readonly feed: { readonly subscriberCount: number };
  readonly budget: { readonly heldBytes: number };
  /** Absent without a collector to read from. */
  readonly emails?: Pick<EmailReader, "recent"> | undefined;
}

/** How many of the newest emails' times are reported. */
const SAMPLE_SIZE = 50;
const QUANTILES = [0.5, 0.95, 1] as const;

export function observeServer(metrics: Metrics, sources: ServerSources): void {
  metrics.observe("playground.event_streams", () => sources.feed.subscriberCount);
  metrics.observe("playground.requests.in_flight", () => sources.budget.heldBytes);
  metrics.observe("playground.email.archive_time", () => archiveTimes(sources.emails));
}

async function archiveTimes(emails: ServerSources["emails"]): Promise<readonly Observation[]> {
  const result = await emails?.recent(SAMPLE_SIZE);
  if (result?.status !== "found") return [];
  const timesMs = result.emails.flatMap(({ archivedAfterMs }) => archivedAfterMs ?? [])
    .toSorted((a, b) => a - b);
  return QUANTILES.flatMap((quantile) => {
    const timeMs = quantileOf(timesMs, quantile);
    return timeMs === undefined
      ? []
      : [{ value: timeMs / 1_000, attributes: { quantile: String(quantile) } }];
  });
}

import type { HealthSources } from "../lifecycle/health.ts";
import type { Metrics } from "./metrics.ts";

/** Reports as metrics what `/readyz` says. */
export function observeHealth(
  metrics: Metrics,
  { readiness, lostSpanCount }: HealthSources,
): void {
  metrics.observe("playground.ready", async () => [{ value: Number((await readiness()).ready) }]);
  metrics.observe("playground.spans.lost", lostSpanCount);
}

import { deepEqual } from "node:assert/strict";
import type { FaultChecks } from "../../fixture/faults.ts";

export const SERVICES_CHECKS: FaultChecks<"services"> = {
  async "services.own-sampler"(bench) {
    await bench.set("services.own-sampler", { value: "mail-poller", probability: 0.25 });
    await bench.set("services.own-sampler", { forMs: 600_000 });
    await bench.clear("services.own-sampler");
    const ratio = (text: string) => ({
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: text,
    });
    deepEqual(bench.settings, [{ "mail-poller": ratio("0.75") }, { emailer: ratio("0") }, {}]);
  },
};

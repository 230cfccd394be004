import type { Faults } from "./registry.ts";

/** The settings that faults change, by the name of the service. */
export type ServiceSettings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Lets the launcher of the services start them with these settings; resolves when they run. */
export type ApplySettings = (settings: ServiceSettings) => Promise<void>;

/** Keeps the services' settings as the faults demand. */
export function applyServiceFaults(faults: Faults, apply: ApplySettings): void {
  faults.onChange((name) => name.startsWith("services.") ? apply(settingsOf(faults)) : undefined);
}

function settingsOf(faults: Faults): ServiceSettings {
  const service = faults.valueOf("services.own-sampler");
  if (service === undefined) return {};
  const { probability = 1 } = faults.describe("services.own-sampler").active ?? {};
  return {
    [service]: {
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: String(1 - probability),
    },
  };
}

/**
 * The settings that traces, metrics and logs share, under OpenTelemetry's names.
 *
 * A service spreads {@linkcode telemetryVariables} into its configuration and makes one {@linkcode Telemetry} from it, which
 * starts its tracing, metrics and logging.
 *
 * ```ts
 * import { readConfiguration } from "@playground/shared/configuration";
 * import { telemetryOf, telemetryVariables } from "@playground/shared/telemetry";
 * import { z } from "zod";
 *
 * const read = readConfiguration(z.object(telemetryVariables), {
 *   OTEL_TRACES_SAMPLER: "traceidratio",
 *   OTEL_TRACES_SAMPLER_ARG: "0.1",
 * });
 * if (read.ok) console.log(telemetryOf("emailer", read.configuration).sampling); // { ratio: 0.1, followsCaller: false }
 * ```
 *
 * @module
 */
export * from "./telemetry.ts";
export * from "./variables.ts";

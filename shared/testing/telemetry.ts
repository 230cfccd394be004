import { z } from "zod";
import { type Environment, readConfiguration } from "../configuration/configuration.ts";
import { type Telemetry, telemetryOf, telemetryVariables } from "../telemetry/mod.ts";

/** The telemetry of a service with this environment. */
export function telemetryFrom(environment: Environment, serviceName = "emailer"): Telemetry {
  const read = readConfiguration(z.object(telemetryVariables), environment);
  if (!read.ok) throw new TypeError(read.problems.join("; "));
  return telemetryOf(serviceName, read.configuration);
}

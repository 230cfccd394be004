/**
 * What tests of tracing, logging and telemetry share.
 *
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { startTestTracing } from "@playground/shared/testing/telemetry";
 *
 * await using test = startTestTracing();
 * await test.tracing.inSpan("send-email", {}, (span) => {
 *   span.setAttribute("smtp.reply_code", 250);
 * });
 * equal(test.exporter.getSpan("send-email").attributes["smtp.reply_code"], 250);
 * ```
 *
 * @module
 */
import { z } from "zod";
import { type Environment, readConfiguration } from "../configuration/configuration.ts";
import { type Telemetry, telemetryOf, telemetryVariables } from "../telemetry/mod.ts";

export * from "./log.ts";
export * from "./spans.ts";

/** The telemetry of a service with this environment. */
export function telemetryFrom(environment: Environment, serviceName = "emailer"): Telemetry {
  const read = readConfiguration(z.object(telemetryVariables), environment);
  if (!read.ok) throw new TypeError(read.problems.join("; "));
  return telemetryOf(serviceName, read.configuration);
}

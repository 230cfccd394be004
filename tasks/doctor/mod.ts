/**
 * `deno task doctor`: looks at everything that the system needs and says what to mend.
 *
 * {@linkcode examineSettings} reads the settings; if they are valid, each backing service that they name is tried as the services
 * would, and what they do not name is left to stand-ins. Every check is a {@linkcode Finding}; nothing is changed anywhere.
 *
 * @module
 */
import type { ServerConfiguration } from "@playground/server/configuration";
import type { Environment } from "@playground/shared/configuration";
import { telemetryOf } from "@playground/shared/telemetry";
import type { PlaygroundUrls } from "@playground/tasks/running-system";
import {
  mailServer,
  mailtrapApi,
  mongodb,
  otlpCollector,
  rabbitmq,
  zipkin,
} from "./backing_services.ts";
import type { Check, Finding } from "./finding.ts";
import { denoVersion, docker, playground, usualPorts } from "./machine.ts";
import { examineSettings } from "./settings.ts";

export { describeFindings } from "./finding.ts";

export async function examine(
  settings: Environment,
  running: PlaygroundUrls | undefined,
  stateDirectory: string,
): Promise<readonly Finding[]> {
  const checks = [
    denoVersion(),
    playground(running, stateDirectory),
    // The ports of a playground that runs are taken, by itself.
    ...(running === undefined ? [usualPorts] : []),
    docker,
  ];
  const machine = await Promise.all(checks.map((check) => check()));
  return [...machine, ...await examineBackingServices(settings)];
}

async function examineBackingServices(settings: Environment): Promise<readonly Finding[]> {
  const result = examineSettings(settings);
  if (!result.ok) {
    return result.problems.map((problem) => ({
      subject: "Settings",
      status: "problem",
      detail: problem,
    }));
  }
  const { embedded, server, emailer, poller } = result;
  const checks = [
    ...(embedded.includes("amqp") ? [] : server.AMQP_URL.map((node) => rabbitmq(node))),
    ...(embedded.includes("mongodb") ? [] : [mongodb(poller.MONGODB_URL)]),
    ...collectorChecks(server),
    ...(embedded.includes("mailtrap") ? [] : [mailServer(emailer), mailtrapApi(poller)]),
  ];
  const embeddedNames = embedded.length === 0 ? "none" : embedded.join(", ");
  return [
    { subject: "Settings", status: "ok", detail: `valid; stand-ins for: ${embeddedNames}` },
    ...await Promise.all(checks.map((check) => check())),
  ];
}

/** Only the collector that spans are sent to. */
function collectorChecks(configuration: ServerConfiguration): readonly Check[] {
  const { exporter, zipkinUrl, otlp } = telemetryOf("doctor", configuration);
  switch (exporter) {
    case "otlp":
      return [otlpCollector(otlp.traces)];
    case "none":
      return [];
    default:
      return zipkinUrl === undefined ? [] : [zipkin(zipkinUrl)];
  }
}

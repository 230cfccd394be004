import type { ServerConfiguration } from "@playground/server/configuration";
import type { Environment } from "@playground/shared/configuration";
import { telemetryOf } from "@playground/shared/telemetry";
import { notRunning, type PlaygroundUrls } from "@playground/tasks/running-system";
import { portIfFree, readAll } from "@playground/tasks/system";
import { tableLines } from "@playground/tasks/terminal";
import { dockerProblem } from "../compose/docker.ts";
import {
  type Finding,
  mailServer,
  mailtrapApi,
  mongodb,
  otlpCollector,
  rabbitmq,
  zipkin,
} from "./backing_services.ts";

type Findings = readonly (Finding | Promise<Finding>)[];

const USUAL_PORTS: Readonly<Record<number, string>> = {
  8080: "message server",
  8081: "emailer",
  8082: "mail poller",
  5672: "RabbitMQ",
  27017: "MongoDB",
  9411: "Zipkin",
  2525: "Mailtrap SMTP",
  8025: "Mailtrap API",
};

export async function examine(
  settings: Environment,
  running: PlaygroundUrls | undefined,
  stateDirectory: string,
): Promise<readonly Finding[]> {
  return await Promise.all([
    denoVersion(),
    playground(running, stateDirectory),
    // A running playground itself takes its ports.
    ...(running === undefined ? [usualPorts()] : []),
    docker(),
    ...settingsAndBackingServices(settings),
  ]);
}

export function describeFindings(findings: readonly Finding[]): string {
  const marks = { ok: "✓", note: "·", problem: "✗" } as const;
  return tableLines(findings.flatMap(({ subject, status, detail, remedy }) => [
    [`${marks[status]} ${subject}`, detail],
    ...(remedy === undefined ? [] : [["", `→ ${remedy}`]]),
  ])).join("\n");
}

export function denoVersion(version: string = Deno.version.deno): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  // Older versions lack functions that the tasks use.
  const isEnough = major > 2 || (major === 2 && minor >= 9);
  const finding = { subject: "Deno", detail: version };
  return isEnough
    ? { ...finding, status: "ok" }
    : { ...finding, status: "problem", remedy: "2.9 or later is needed: deno upgrade" };
}

function playground(running: PlaygroundUrls | undefined, stateDirectory: string): Finding {
  const detail = running === undefined
    ? notRunning(stateDirectory)
    : `the playground runs, at ${running.messageServer}`;
  return { subject: "Playground", status: "note", detail };
}

/** `deno task dev` takes the next free port instead of a taken one. */
function usualPorts(): Finding {
  const subject = "Ports";
  const taken = Object.entries(USUAL_PORTS)
    .filter(([port]) => portIfFree("127.0.0.1", Number(port)) === undefined)
    .map(([port, name]) => `${port} (${name})`);
  return taken.length === 0
    ? { subject, status: "ok", detail: "all the usual ones are free" }
    : { subject, status: "note", detail: `taken: ${taken.join(", ")}; dev takes the next ones` };
}

async function docker(): Promise<Finding> {
  const problem = await dockerProblem();
  return problem === undefined
    ? { subject: "Docker", status: "ok", detail: "ready for deno task up" }
    : { subject: "Docker", status: "note", detail: `only for deno task up: ${problem}` };
}

/** If the settings are valid, tries each backing service that they name as the services would; the others have stand-ins. */
function settingsAndBackingServices(settings: Environment): Findings {
  const subject = "Settings";
  const read = readAll(settings);
  if (!read.ok) return read.problems.map((detail) => ({ subject, status: "problem", detail }));
  const { embedded, server, emailer, poller } = read;
  const names = embedded.length === 0 ? "none" : embedded.join(", ");
  return [
    { subject, status: "ok", detail: `valid; stand-ins for: ${names}` },
    ...(embedded.includes("amqp") ? [] : server.AMQP_URL.map((node) => rabbitmq(node))),
    ...(embedded.includes("mongodb") ? [] : [mongodb(poller.MONGODB_URL)]),
    ...collector(server),
    ...(embedded.includes("mailtrap") ? [] : [mailServer(emailer), mailtrapApi(poller)]),
  ];
}

/** Only the collector that spans are sent to. */
function collector(configuration: ServerConfiguration): Findings {
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

import type { Environment } from "@playground/shared/configuration";
import { type ServiceName, SERVICES, settingOf } from "./services.ts";

/** What a process may reach besides its environment variables. */
export interface Access {
  /** `HOST:PORT` of everything it listens on or connects to; `any` where only the DNS knows. */
  readonly net: readonly string[] | "any";
  readonly files: readonly string[];
}

/** The arguments of `deno` that run a service from its sources, with no more permissions than its configuration needs. */
export function serviceArgs(
  service: ServiceName,
  environment: Environment,
  runtimeFlags: readonly string[] = [],
): readonly string[] {
  const permissions = accessFlags(service, accessOf(service, environment));
  return ["run", "--quiet", ...runtimeFlags, ...permissions, SERVICES[service].entryPoint];
}

/** The permission flags of a service whose addresses are given, such as a compiled one. */
export function accessFlags(service: ServiceName, { net, files }: Access): readonly string[] {
  return [
    "--no-prompt",
    net === "any" ? "--allow-net" : `--allow-net=${net.join(",")}`,
    `--allow-env=${Object.keys(SERVICES[service].variables.shape).join(",")}`,
    // Libraries that read variables of their own find none.
    "--ignore-env",
    ...(files.length === 0 ? [] : [`--allow-read=${files.join(",")}`]),
  ];
}

const OTLP_ENDPOINTS = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
  "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
];

/** What a service reaches besides its environment variables. */
export function accessOf(service: ServiceName, environment: Environment): Access {
  const { healthPort, connectsTo } = SERVICES[service];
  const value = (name: string) => settingOf(service, name, environment);
  const listens = hostWithPort(value("HOST") ?? "", value(healthPort.variable) ?? "");
  const collector = value("OTEL_TRACES_EXPORTER") === "otlp"
    ? OTLP_ENDPOINTS
    : ["OTEL_EXPORTER_ZIPKIN_ENDPOINT"];
  const connects = [...connectsTo, ...collector].map((name) => {
    const setting = value(name);
    if (setting === undefined) return [];
    return name === "SMTP_HOST"
      ? [hostWithPort(setting, value("SMTP_PORT") ?? "")]
      : hostsOf(setting);
  });
  const certificate = connectsTo.includes("SMTP_HOST") ? value("SMTP_CA") : undefined;
  return {
    net: connects.includes("any") ? "any" : [...new Set([listens, ...connects.flat()])],
    files: certificate === undefined || certificate.startsWith("-----BEGIN") ? [] : [certificate],
  };
}

const USUAL_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  amqp: 5672,
  amqps: 5671,
  mongodb: 27017,
};

/** A scheme, perhaps a user and a password, and one or several hosts. */
const ADDRESS = /^(?<scheme>[a-z+]+):\/\/(?:[^/?#]*@)?(?<hosts>[^/?#]*)/i;

/**
 * The hosts of a setting, with ports. A MongoDB address names several hosts
 * (https://www.mongodb.com/docs/manual/reference/connection-string/), `AMQP_URL` several addresses.
 */
export function hostsOf(setting: string): readonly string[] | "any" {
  const addresses = /^mongodb/i.test(setting) ? [setting] : setting.split(",");
  const matches = addresses.map((address) => ADDRESS.exec(address.trim())?.groups);
  if (matches.some((groups) => groups?.scheme?.toLowerCase() === "mongodb+srv")) return "any";
  return matches.flatMap((groups) => {
    const port = USUAL_PORTS[groups?.scheme?.toLowerCase() ?? ""];
    return (groups?.hosts ?? "").split(",").filter((host) => host !== "").map((host) =>
      /:\d+$/.test(host) ? host : `${host}:${port}`
    );
  });
}

/** Joins a host and a port, an IPv6 address in brackets (RFC 3986 section 3.2.2). */
export function hostWithPort(host: string, port: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]:${port}` : `${host}:${port}`;
}

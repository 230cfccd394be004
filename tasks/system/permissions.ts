import type { Environment } from "@playground/shared/configuration";
import { hostsOf, hostWithPort } from "./addresses.ts";
import { type ServiceName, SERVICES } from "./services.ts";

/** What a service may reach beside its environment variables. */
export interface Access {
  /** `HOST:PORT` of all that it listens on or connects to; `any` where only the DNS knows. */
  readonly net: readonly string[] | "any";
  /** The files that it reads. */
  readonly files: readonly string[];
}

/** The addresses that hold where nothing else is configured. */
const DEFAULTS: Environment = {
  HOST: "127.0.0.1",
  MAILTRAP_URL: "https://mailtrap.io",
  SMTP_HOST: "sandbox.smtp.mailtrap.io",
  SMTP_PORT: "2525",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
};

/**
 * The permission flags of a service: the addresses and variables of its configuration, nothing else. A fixed permission set
 * cannot know them.
 */
export function permissionFlags(service: ServiceName, environment: Environment): readonly string[] {
  return accessFlags(service, accessOf(service, environment));
}

/**
 * The permission flags of a service whose addresses are given: what a compiled service has for good.
 */
export function accessFlags(service: ServiceName, { net, files }: Access): readonly string[] {
  return [
    "--no-prompt",
    net === "any" ? "--allow-net" : `--allow-net=${net.join(",")}`,
    `--allow-env=${Object.keys(SERVICES[service].variables.shape).join(",")}`,
    // Libraries look at variables of their own; for them there are none.
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

/** What a service has to reach. */
export function accessOf(service: ServiceName, environment: Environment): Access {
  const { healthPort, connectsTo } = SERVICES[service];
  const value = (name: string) => {
    const setting = environment[name]?.trim() ?? "";
    return setting === "" ? DEFAULTS[name] : setting;
  };
  const listens = hostWithPort(
    value("HOST") ?? "",
    value(healthPort.variable) ?? String(healthPort.usual),
  );
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

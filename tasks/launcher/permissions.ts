import type { Environment } from "@playground/shared/configuration";
import { type ServiceName, SERVICES } from "./services.ts";

/** The addresses of the real Mailtrap, which hold where nothing else is configured. */
const DEFAULTS: Environment = {
  HOST: "127.0.0.1",
  MAILTRAP_URL: "https://mailtrap.io",
  SMTP_HOST: "sandbox.smtp.mailtrap.io",
  SMTP_PORT: "2525",
};

/** What a scheme means where an address names no port. */
const USUAL_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "amqp:": 5672,
  "amqps:": 5671,
  "mongodb:": 27017,
};

/**
 * The permission flags of a service: the addresses and variables of its configuration, nothing else. A fixed permission set
 * cannot know them.
 *
 * @param service The service.
 * @param environment Its configuration.
 * @returns Flags for `deno run` and `deno compile`.
 */
export function permissionFlags(service: ServiceName, environment: Environment): readonly string[] {
  const { variables } = SERVICES[service];
  const addresses = addressesOf(service, environment);
  const certificate = environment.SMTP_CA ?? "";
  const readsFile = certificate !== "" && !certificate.startsWith("-----BEGIN");
  return [
    "--no-prompt",
    addresses === "any" ? "--allow-net" : `--allow-net=${addresses.join(",")}`,
    `--allow-env=${Object.keys(variables.shape).join(",")}`,
    // Libraries look at variables of their own; for them there are none.
    "--ignore-env",
    ...(readsFile ? [`--allow-read=${certificate}`] : []),
  ];
}

/** `HOST:PORT` of all that the service listens on or connects to; `any` where only the DNS knows. */
function addressesOf(service: ServiceName, environment: Environment): readonly string[] | "any" {
  const { healthPort, connectsTo } = SERVICES[service];
  const value = (name: string) => environment[name] ?? DEFAULTS[name];
  const listens = `${value("HOST")}:${value(healthPort.variable) ?? healthPort.usual}`;
  const connects = connectsTo.flatMap((name) => {
    const setting = value(name);
    if (setting === undefined) return [];
    return name === "SMTP_HOST" ? [`${setting}:${value("SMTP_PORT")}`] : hostsOf(setting);
  });
  return connects.includes("any") ? "any" : [...new Set([listens, ...connects])];
}

/**
 * The hosts of an address, with ports. A MongoDB address names several hosts before its path, `AMQP_URL` several addresses.
 *
 * @param setting The value of a variable.
 * @returns `HOST:PORT` of each; `any` for `mongodb+srv`, whose hosts are in the DNS.
 */
function hostsOf(setting: string): readonly string[] {
  if (setting.startsWith("mongodb+srv:")) return ["any"];
  let scheme = "";
  return setting.split(",").map((part) => {
    scheme = part.match(/^[a-z]+:/)?.[0] ?? scheme;
    const authority = part.trim().replace(/^[a-z]+:\/\//, "").split(/[/?]/, 1)[0] ?? "";
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    return /:\d+$/.test(host) ? host : `${host}:${USUAL_PORTS[scheme]}`;
  });
}

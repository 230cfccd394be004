import { emailerVariables } from "@playground/emailer/configuration";
import { pollerVariables } from "@playground/poller/configuration";
import { serverVariables } from "@playground/server/configuration";
import type { ConfigurationSchema, Environment } from "@playground/shared/configuration";

/** The services, in the order of an email's way. */
export const SERVICE_NAMES = ["message-server", "emailer", "mail-poller"] as const;

/** One of {@linkcode SERVICE_NAMES}. */
export type ServiceName = typeof SERVICE_NAMES[number];

interface ServiceDefinition {
  readonly entryPoint: string;
  readonly variables: ConfigurationSchema;
  readonly healthPort: { readonly variable: string; readonly usual: number };
  readonly connectsTo: readonly string[];
}

/** Each service's entry point (from the root of the project), variables, port, and the variables that name what it connects to. */
export const SERVICES: Readonly<Record<ServiceName, ServiceDefinition>> = {
  "message-server": {
    entryPoint: "server/main.ts",
    variables: serverVariables,
    healthPort: { variable: "PORT", usual: 8080 },
    connectsTo: ["AMQP_URL", "ZIPKIN_URL", "ARCHIVE_URL", "FAULTS_URL"],
  },
  emailer: {
    entryPoint: "emailer/main.ts",
    variables: emailerVariables,
    healthPort: { variable: "HEALTH_PORT", usual: 8081 },
    connectsTo: ["AMQP_URL", "ZIPKIN_URL", "SMTP_HOST"],
  },
  "mail-poller": {
    entryPoint: "poller/main.ts",
    variables: pollerVariables,
    healthPort: { variable: "HEALTH_PORT", usual: 8082 },
    connectsTo: ["MONGODB_URL", "ZIPKIN_URL", "MAILTRAP_URL"],
  },
};

/** The part of an environment that a service reads: no service gets a secret that it does not use. */
export function environmentOf(
  service: ServiceName,
  environment: Environment,
): Readonly<Record<string, string>> {
  const names = Object.keys(SERVICES[service].variables.shape);
  return Object.fromEntries(
    names.flatMap((name) => environment[name] === undefined ? [] : [[name, environment[name]]]),
  );
}

/** A service's effective value: what is set, or its default. */
export function settingOf(
  service: ServiceName,
  name: string,
  environment: Environment,
): string | undefined {
  const setting = environment[name]?.trim() ?? "";
  if (setting !== "") return setting;
  const usual = SERVICES[service].variables.shape[name]?.safeParse(undefined).data;
  return usual === undefined ? undefined : String(usual);
}

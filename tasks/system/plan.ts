import { emailerConfiguration } from "@playground/emailer/configuration";
import { pollerConfiguration } from "@playground/poller/configuration";
import { serverConfiguration } from "@playground/server/configuration";
import { type Environment, readConfiguration } from "@playground/shared/configuration";
import type { StandInName } from "@playground/tasks/standins";

/** The variables that name each backing service, with placeholders for a stand-in's, which are known only once it runs. */
const PLACEHOLDERS: Readonly<Record<StandInName, Readonly<Record<string, string>>>> = {
  // Blank is unset: a service needs no collector.
  zipkin: { ZIPKIN_URL: "" },
  amqp: { AMQP_URL: "amqp://127.0.0.1" },
  mongodb: { MONGODB_URL: "mongodb://127.0.0.1" },
  mailtrap: {
    MAILTRAP_USER: "-",
    MAILTRAP_PASSWORD: "-",
    MAILTRAP_BOXID: "1",
    MAILTRAP_TOKEN: "-",
  },
};

const BACKING_SERVICES: readonly StandInName[] = ["zipkin", "amqp", "mongodb", "mailtrap"];

const MAILTRAP_ACCOUNT = Object.keys(PLACEHOLDERS.mailtrap);

/** The variables for reaching Mailtrap; they have no effect where the stand-in takes its place. */
const MAILTRAP_ADDRESS = [
  "SMTP_HOST",
  "SMTP_PORT",
  "SMTP_TLS",
  "SMTP_CA",
  "MAILTRAP_URL",
  "MAILTRAP_API",
  "MAILTRAP_ACCOUNT_ID",
] as const;

/**
 * Embeds every backing service that the settings do not name. Half a Mailtrap account is a mistake, and so is an address without
 * an account: the stand-in has its own.
 */
export function planStandIns(settings: Environment) {
  const isSet = (name: string) => settings[name] !== undefined;
  const missing = MAILTRAP_ACCOUNT.filter((name) => !isSet(name));
  const problems = missing.length < MAILTRAP_ACCOUNT.length
    ? missing.map((name) =>
      `${name}: must be set as well, since another MAILTRAP_ variable is; or unset them all to use the stand-in`
    )
    : MAILTRAP_ADDRESS.filter(isSet).map((name) =>
      `${name}: has no effect without ${
        MAILTRAP_ACCOUNT.join(", ")
      }; set them as well, or unset it to use the stand-in`
    );
  if (problems.length > 0) return { ok: false, problems } as const;
  const isNamed = (name: StandInName) => Object.keys(PLACEHOLDERS[name]).every(isSet);
  return { ok: true, embedded: BACKING_SERVICES.filter((name) => !isNamed(name)) } as const;
}

/** Reads the configuration of all services as they would, with placeholders for the stand-ins' values. */
export function readAll(settings: Environment) {
  const plan = planStandIns(settings);
  if (!plan.ok) return plan;
  const { embedded } = plan;
  const environment = Object.assign({}, ...embedded.map((name) => PLACEHOLDERS[name]), settings);
  const server = readConfiguration(serverConfiguration, environment);
  const emailer = readConfiguration(emailerConfiguration, environment);
  const poller = readConfiguration(pollerConfiguration, environment);
  if (server.ok && emailer.ok && poller.ok) {
    return {
      ok: true,
      embedded,
      server: server.configuration,
      emailer: emailer.configuration,
      poller: poller.configuration,
    } as const;
  }
  const problems = [server, emailer, poller].flatMap((result) => result.ok ? [] : result.problems);
  return { ok: false, problems: [...new Set(problems)] } as const;
}

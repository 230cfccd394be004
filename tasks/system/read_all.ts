import { emailerConfiguration } from "@playground/emailer/configuration";
import { pollerConfiguration } from "@playground/poller/configuration";
import { serverConfiguration } from "@playground/server/configuration";
import { type Environment, readConfiguration } from "@playground/shared/configuration";
import type { StandInName } from "@playground/tasks/standins";
import { planStandIns } from "./plan.ts";

/** What stands for the addresses and credentials of stand-ins, which are known only once they run. */
const PLACEHOLDERS: Readonly<Record<StandInName, Environment>> = {
  amqp: { AMQP_URL: "amqp://127.0.0.1" },
  mongodb: { MONGODB_URL: "mongodb://127.0.0.1" },
  zipkin: {},
  mailtrap: {
    MAILTRAP_USER: "-",
    MAILTRAP_PASSWORD: "-",
    MAILTRAP_BOXID: "1",
    MAILTRAP_TOKEN: "-",
  },
};

/** Reads the configuration of all services, as they would, but for what stand-ins will tell them. */
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

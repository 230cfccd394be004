import { type EmailerConfiguration, emailerConfiguration } from "@playground/emailer/configuration";
import { type PollerConfiguration, pollerConfiguration } from "@playground/poller/configuration";
import { type ServerConfiguration, serverConfiguration } from "@playground/server/configuration";
import {
  type ConfigurationSchema,
  type Environment,
  readConfiguration,
} from "@playground/shared/configuration";
import { planStandIns } from "@playground/tasks/system";
import type { StandInName } from "@playground/tasks/standins";

export type SettingsResult =
  | {
    readonly ok: true;
    readonly embedded: readonly StandInName[];
    readonly server: ServerConfiguration;
    readonly emailer: EmailerConfiguration;
    readonly poller: PollerConfiguration;
  }
  | { readonly ok: false; readonly problems: readonly string[] };

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

export function examineSettings(settings: Environment): SettingsResult {
  const plan = planStandIns(settings);
  if (!plan.ok) return plan;
  const environment = Object.assign(
    {},
    ...plan.embedded.map((name) => PLACEHOLDERS[name]),
    settings,
  );
  const read = <Schema extends ConfigurationSchema>(schema: Schema) =>
    readConfiguration(schema, environment);
  const server = read(serverConfiguration);
  const emailer = read(emailerConfiguration);
  const poller = read(pollerConfiguration);
  if (server.ok && emailer.ok && poller.ok) {
    return {
      ok: true,
      embedded: plan.embedded,
      server: server.configuration,
      emailer: emailer.configuration,
      poller: poller.configuration,
    };
  }
  const problems = [server, emailer, poller].flatMap((result) => result.ok ? [] : result.problems);
  return { ok: false, problems: [...new Set(problems)] };
}

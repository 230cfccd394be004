import type { Environment } from "@playground/shared/configuration";
import type { StandInName } from "@playground/tasks/standins";

/** Which parts are embedded, or what is wrong with the settings. */
export type Plan =
  | { readonly ok: true; readonly embedded: readonly StandInName[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The four variables of a Mailtrap account. */
const MAILTRAP_VARIABLES = [
  "MAILTRAP_USER",
  "MAILTRAP_PASSWORD",
  "MAILTRAP_BOXID",
  "MAILTRAP_TOKEN",
] as const;

/** What else says how Mailtrap is reached: of no use where the stand-in takes its place. */
const MAILTRAP_ADDRESS_VARIABLES = [
  "SMTP_HOST",
  "SMTP_PORT",
  "SMTP_TLS",
  "SMTP_CA",
  "MAILTRAP_URL",
  "MAILTRAP_API",
  "MAILTRAP_ACCOUNT_ID",
] as const;

/** The stand-ins that one variable each replaces. */
const REPLACED_BY = { zipkin: "ZIPKIN_URL", amqp: "AMQP_URL", mongodb: "MONGODB_URL" } as const;

/**
 * Decides what is embedded: every backing service that the settings do not name. Half of a Mailtrap account is a mistake, and so
 * is an address without an account: the stand-in has its own.
 */
export function planStandIns(settings: Environment): Plan {
  const missing = MAILTRAP_VARIABLES.filter((name) => settings[name] === undefined);
  if (missing.length > 0 && missing.length < MAILTRAP_VARIABLES.length) {
    return {
      ok: false,
      problems: missing.map((name) =>
        `${name}: must be set as well, since another MAILTRAP_ variable is; or unset them all to use the stand-in`
      ),
    };
  }
  const ignored = missing.length === 0
    ? []
    : MAILTRAP_ADDRESS_VARIABLES.filter((name) => settings[name] !== undefined);
  if (ignored.length > 0) {
    return {
      ok: false,
      problems: ignored.map((name) =>
        `${name}: is of no use without ${
          MAILTRAP_VARIABLES.join(", ")
        }; set them as well, or unset it to use the stand-in`
      ),
    };
  }
  const standIns = (["zipkin", "amqp", "mongodb"] as const)
    .filter((name) => settings[REPLACED_BY[name]] === undefined);
  return { ok: true, embedded: missing.length === 0 ? standIns : [...standIns, "mailtrap"] };
}

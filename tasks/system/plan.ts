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

/** The stand-ins that one variable each replaces. */
const REPLACED_BY = { zipkin: "ZIPKIN_URL", amqp: "AMQP_URL", mongodb: "MONGODB_URL" } as const;

/**
 * Decides what is embedded: every backing service that the settings do not name. Half of a Mailtrap account is a mistake.
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
  const standIns = (["zipkin", "amqp", "mongodb"] as const)
    .filter((name) => settings[REPLACED_BY[name]] === undefined);
  return { ok: true, embedded: missing.length === 0 ? standIns : [...standIns, "mailtrap"] };
}

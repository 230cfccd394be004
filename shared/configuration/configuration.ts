import { z } from "zod";

/** The environment as a service sees it: names and values. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A schema whose members are environment variables. */
export type ConfigurationSchema = z.ZodObject<Readonly<Record<string, z.ZodType>>>;

/** A valid configuration, or all its problems. */
export type ConfigurationResult<Configuration> =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Checks the environment against a schema. A blank variable counts as unset, so that a line of `.env` may be empty. All problems
 * are listed at once, without values.
 */
export function readConfiguration<Schema extends ConfigurationSchema>(
  schema: Schema,
  environment: Environment,
): ConfigurationResult<z.output<Schema>> {
  const values = Object.fromEntries(
    variablesOf(schema)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value.trim() !== ""),
  );
  const result = schema.safeParse(values);
  if (result.success) return { ok: true, configuration: result.data };
  return {
    ok: false,
    problems: result.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join(".")}: ${message}`
    ),
  };
}

/** The variables that a schema reads, for `--allow-env`. */
export function variablesOf(schema: ConfigurationSchema): readonly string[] {
  return Object.keys(schema.shape);
}

/** Reads the configuration of a service from the environment, or ends the process with all problems. */
export function configurationOrExit<Schema extends ConfigurationSchema>(
  service: string,
  schema: Schema,
): z.output<Schema> {
  const environment = Object.fromEntries(
    variablesOf(schema).map((name) => [name, Deno.env.get(name)] as const),
  );
  const result = readConfiguration(schema, environment);
  if (result.ok) return result.configuration;
  console.error(
    `Cannot configure ${service}: its configuration is not valid; set these in the environment or in .env`,
  );
  for (const problem of result.problems) console.error(`  ${problem}`);
  Deno.exit(2);
}

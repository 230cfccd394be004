/**
 * Writes the reference of the services' environment variables, `shared/configuration/reference.md`. Run it after a change of a
 * service's `configuration.ts`; a test fails when the two disagree.
 *
 * ```sh
 * deno run -A tasks/configuration_reference.ts
 * ```
 *
 * @module
 */
import { SERVICE_NAMES, SERVICES } from "@playground/tasks/system";

export const REFERENCE = new URL("../shared/configuration/reference.md", import.meta.url);

export function configurationReference(): string {
  const rows = SERVICE_NAMES.map(rowsOf);
  const common = (rows[0] ?? []).filter((row) => rows.every((others) => others.includes(row)));
  const sections = SERVICE_NAMES.map((service, index) => {
    const own = rows[index]?.filter((row) => !common.includes(row)) ?? [];
    return `## ${service}\n\n${table(own)}`;
  });
  return `<!-- Made from the services' schemas by tasks/configuration_reference.ts; a test fails when they disagree. -->

# Configuration

Each service reads these variables once, at its start, and lists all problems together. An empty value counts as unset.

## All services

${table(common)}

${sections.join("\n\n")}
`;
}

function rowsOf(service: typeof SERVICE_NAMES[number]): readonly string[] {
  return Object.entries(SERVICES[service].variables.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    const defaultText = unset.success ? textOf(unset.data) : "must be set";
    return `| \`${name}\` | ${defaultText} | ${schema.description ?? ""} |`;
  });
}

/** Formatted as in the environment. */
function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (value instanceof URL) return `\`${value.href.replace(/\/$/, "")}\``;
  if (Array.isArray(value)) return `\`${value.map((item) => item.text ?? item).join(",")}\``;
  return `\`${value}\``;
}

function table(rows: readonly string[]): string {
  return ["| variable | default | what it is |", "|---|---|---|", ...rows].join("\n");
}

if (import.meta.main) await Deno.writeTextFile(REFERENCE, configurationReference());

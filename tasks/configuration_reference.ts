/**
 * Writes what the services read from their environment as a document for people, `shared/configuration/reference.md`. Run it after a
 * change of a service's `configuration.ts`; a test fails when the two disagree.
 *
 * ```sh
 * deno run -A tasks/configuration_reference.ts
 * ```
 *
 * @module
 */
import { SERVICE_NAMES, SERVICES } from "@playground/tasks/system";

/** Where the document is. */
export const REFERENCE = new URL("../shared/configuration/reference.md", import.meta.url);

interface Variable {
  readonly name: string;
  readonly description: string;
  readonly defaultText: string;
}

/** The schemas as Markdown. */
export function configurationReference(): string {
  const variables = SERVICE_NAMES.map((service) => ({ service, all: variablesOf(service) }));
  const [first, ...others] = variables;
  const common = (first?.all ?? []).filter((variable) =>
    others.every(({ all }) => all.some((other) => isSame(variable, other)))
  );
  const sections = variables.map(({ service, all }) => {
    const own = all.filter((variable) => !common.some((other) => isSame(variable, other)));
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

function variablesOf(service: typeof SERVICE_NAMES[number]): readonly Variable[] {
  return Object.entries(SERVICES[service].variables.shape).map(([name, schema]) => {
    const unset = schema.safeParse(undefined);
    return {
      name,
      description: schema.description ?? "",
      defaultText: unset.success ? textOf(unset.data) : "must be set",
    };
  });
}

/** As one would write it into the environment. */
function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (value instanceof URL) return `\`${value.href.replace(/\/$/, "")}\``;
  if (Array.isArray(value)) return `\`${value.map(({ text }) => text).join(",")}\``;
  return `\`${value}\``;
}

function isSame(a: Variable, b: Variable): boolean {
  return a.name === b.name && a.description === b.description && a.defaultText === b.defaultText;
}

function table(variables: readonly Variable[]): string {
  const rows = variables.map(({ name, defaultText, description }) =>
    `| \`${name}\` | ${defaultText} | ${description} |`
  );
  return ["| variable | default | what it is |", "|---|---|---|", ...rows].join("\n");
}

if (import.meta.main) await Deno.writeTextFile(REFERENCE, configurationReference());

/**
 * Writes the tables of `spans.md` and `metrics.md` from the catalogues of spans and metrics, and those of `reference.md` from the
 * services' schemas. Run it after a change of one of them: `deno run -A tasks/documents.ts`. A test fails when they disagree.
 *
 * @module
 */
import { type MetricDefinition, METRICS, prometheusName } from "@playground/shared/metrics";
import {
  BAGGAGE_TAGS,
  EMAIL_TRACE,
  ERROR_TAGS,
  POLL_TRACE,
  type SpanDefinition,
  TAGS,
} from "@playground/shared/tracing/catalogue";
import { SERVICE_NAMES, SERVICES } from "@playground/tasks/system";

const TABLES: Readonly<Record<string, readonly string[]>> = {
  "tracing/spans.md": [spanTable(EMAIL_TRACE), spanTable(POLL_TRACE), tagTable()],
  "metrics/metrics.md": [metricTable()],
  "configuration/reference.md": variableTables(),
};

/** The documents as they are, and with their tables regenerated. */
export async function readDocuments() {
  return await Promise.all(
    Object.entries(TABLES).map(async ([path, tables]) => {
      const url = new URL(`../shared/${path}`, import.meta.url);
      const text = await Deno.readTextFile(url);
      const prose = text.split(/(?:^\|.*\n)+/m);
      return { url, text, fresh: prose.map((part, at) => part + (tables[at] ?? "")).join("") };
    }),
  );
}

function spanTable(spans: readonly SpanDefinition[]): string {
  const rows = spans.map((span) => [
    code(span.name),
    span.remoteService === undefined ? span.service : `${span.service} → ${span.remoteService}`,
    span.kind ?? "none",
    span.parent === undefined ? "none" : code(span.parent),
    `${span.from} → ${span.to}`,
    [...span.tags.map(code), ...(span.optionalTags ?? []).map((tag) => `(${code(tag)})`)].join(" "),
  ]);
  return table(
    ["span", "service → remote", "kind", "parent", "from → to", "tags (optional ones in brackets)"],
    rows,
  );
}

function tagTable(): string {
  const users = (tag: string) => {
    if (ERROR_TAGS.includes(tag)) return "any that failed";
    if (BAGGAGE_TAGS.includes(tag)) return "any of an email with this baggage";
    const names = [...EMAIL_TRACE, ...POLL_TRACE]
      .filter(({ tags, optionalTags = [] }) => [...tags, ...optionalTags].includes(tag))
      .map(({ name }) => code(name));
    return [...new Set(names)].join(" ");
  };
  const rows = Object.entries(TAGS).map(([tag, { type, meaning }]) => [
    code(tag),
    type,
    meaning,
    users(tag),
  ]);
  return table(["tag", "type", "meaning", "spans"], rows);
}

function metricTable(): string {
  const definitions: Readonly<Record<string, MetricDefinition>> = METRICS;
  const rows = Object.entries(definitions).map(([name, definition]) => {
    const { instrument, unit, services, meaning, attributes = [] } = definition;
    return [
      code(name),
      code(prometheusName(name, definition)),
      instrument,
      unit,
      services.length === 3 ? "all" : services.join(", "),
      meaning,
      attributes.map(code).join(" "),
    ];
  });
  return table(
    ["metric", "in Prometheus", "kind", "unit", "service", "what it says", "attributes"],
    rows,
  );
}

/** The variables of all services, then those of each alone. */
function variableTables(): readonly string[] {
  const services = SERVICE_NAMES.map((service) =>
    Object.entries(SERVICES[service].variables.shape).map(([name, schema]) => {
      const unset = schema.safeParse(undefined);
      const usual = unset.success ? settingText(unset.data) : "must be set";
      return [code(name), usual, schema.description ?? ""];
    })
  );
  const has = (rows: readonly (readonly string[])[], row: readonly string[]) =>
    rows.some((other) => other.join() === row.join());
  const [first = []] = services;
  const common = first.filter((row) => services.every((rows) => has(rows, row)));
  const own = services.map((rows) => rows.filter((row) => !has(common, row)));
  return [common, ...own].map((rows) => table(["variable", "default", "what it is"], rows));
}

/** Formatted as in the environment. */
function settingText(value: unknown): string {
  if (value === undefined) return "";
  if (value instanceof URL) return code(value.href.replace(/\/$/, ""));
  if (Array.isArray(value)) return code(value.map((item) => item.text ?? item).join());
  // Without a default, there are no pairs of names and values.
  return typeof value === "object" ? "" : code(String(value));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [head, head.map(() => "---"), ...rows].map(line).join("");
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) {
  for (const { url, fresh } of await readDocuments()) await Deno.writeTextFile(url, fresh);
}

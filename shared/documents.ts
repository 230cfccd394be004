/**
 * Writes the tables of `spans.md` and `metrics.md` from the catalogues of spans and metrics. Run it after a change of one of them:
 * `deno run --allow-read=shared --allow-write=shared shared/documents.ts`. A test fails when they disagree.
 *
 * @module
 */
import { type MetricDefinition, METRICS, prometheusName } from "./metrics/catalogue.ts";
import {
  BAGGAGE_TAGS,
  EMAIL_TRACE,
  ERROR_TAGS,
  POLL_TRACE,
  type SpanDefinition,
  TAGS,
} from "./tracing/catalogue.ts";

/** Each document, with its tables in their order. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  "tracing/spans.md": [spanTable(EMAIL_TRACE), spanTable(POLL_TRACE), tagTable()],
  "metrics/metrics.md": [metricTable()],
};

/** The documents as they are, and with their tables made anew. */
export async function readDocuments() {
  return await Promise.all(
    Object.entries(TABLES).map(async ([path, tables]) => {
      const url = new URL(path, import.meta.url);
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

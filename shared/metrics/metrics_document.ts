/**
 * Writes the catalogue of the metrics as a document for people, `metrics.md`. Run it after a change of `catalogue.ts`:
 * `deno run --allow-write=shared/metrics/metrics.md shared/metrics/metrics_document.ts`. A test fails when the two disagree.
 *
 * @module
 */
import { type MetricDefinition, METRICS, prometheusName } from "./catalogue.ts";

/** The catalogue as Markdown. */
export function metricsDocument(): string {
  const definitions: Readonly<Record<string, MetricDefinition>> = METRICS;
  const rows = Object.entries(definitions).map(([name, definition]) =>
    `| ${
      [
        `\`${name}\``,
        `\`${prometheusName(name, definition)}\``,
        definition.instrument,
        definition.unit,
        definition.services.length === 3 ? "all" : definition.services.join(", "),
        definition.meaning,
        definition.attributes?.map((attribute) => `\`${attribute}\``).join(" "),
      ].join(" | ")
    } |`
  );
  return `<!-- Made from catalogue.ts by metrics_document.ts; a test fails when they disagree. -->

# The metrics

\`GET /metrics\` answers them on \`PORT\` of the message server, where it requires \`API_TOKEN\` like everything else, and on
\`HEALTH_PORT\` of the emailer and the mail poller. With \`OTEL_TRACES_EXPORTER=otlp\` they also go out by OTLP, under the names of
the first column. No attribute has an id or an address.

| metric | in Prometheus | kind | unit | service | what it says | attributes |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

Every emailer reports the same queues: use \`max()\`, not \`sum()\`. \`playground.mail.archived\` counts all mails, our emails or not: a
mail's id is only a claim. \`playground.email.archive_time\` is made from spans, which prove that an email was archived.
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("metrics.md", import.meta.url), metricsDocument());
}

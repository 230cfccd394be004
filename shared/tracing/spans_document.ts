/**
 * Writes the span catalogue as a document for people, `spans.md`. Run it after a change of `catalogue.ts`:
 * `deno run --allow-write=shared/tracing/spans.md shared/tracing/spans_document.ts`. A test fails when the two disagree.
 *
 * @module
 */
import { EMAIL_TRACE, ERROR_TAGS, POLL_TRACE, type SpanDefinition, TAGS } from "./catalogue.ts";

/** The catalogue as Markdown. */
export function spansDocument(): string {
  return `<!-- Made from catalogue.ts by spans_document.ts; a test fails when they disagree. -->

# The spans

The spans of an email in the collector, with times in microseconds. A failed span has the tags ${
    ERROR_TAGS.map((tag) => `\`${tag}\``).join(", ")
  } beside its own, and only such a span has them.

## The email's trace

${spanTable(EMAIL_TRACE)}

\`amqp-publish\` is one operation that two parties report under one id: Zipkin shows one row, from the publish to the receipt. The
broker cannot report its half; the emailer does, on the broker's behalf. \`amqp-retry\` is the same for each further attempt, and
as long as the wait. \`send-email\` never has a child: the mail carries the context of \`emailer\`.

OpenTelemetry's operation \`settle\` has no span: RabbitMQ does not answer an acknowledgement, so a span would take no time and
prove no more than the end of \`emailer\`.

## The poll's trace

${spanTable(POLL_TRACE)}

A successful poll that found nothing leaves no trace. The last three spans repeat for each message. \`TRACE_THROUGH_SMTP\` decides
how they relate to the email's trace:

- \`link\` (default): they stay in the poll's trace, with the tags \`origin.*\` and an OpenTelemetry link; the email's trace gains
  \`archive-email\`.
- \`join\`: they are in the email's trace, below \`emailer\`.
- \`off\`: nothing is written into the mail, and the two traces are not linked.

A dead letter that is sent again continues below the \`emailer\` span that gave it up, with an \`amqp-publish\` of the message server
(from the page) or of the service \`dead-letters\` (\`deno task dead-letters\`). One that is dropped has a \`drop-dead-letter\` there.

An email whose caller decided against sampling leaves no spans.

## The tags

${tagTable()}
`;
}

function spanTable(spans: readonly SpanDefinition[]): string {
  const rows = spans.map((span) => [
    `\`${span.name}\``,
    span.remoteService === undefined ? span.service : `${span.service} → ${span.remoteService}`,
    span.kind ?? "none",
    span.parent === undefined ? "none" : `\`${span.parent}\``,
    `${span.from} → ${span.to}`,
    [...span.tags.map(code), ...(span.optionalTags ?? []).map((tag) => `(${code(tag)})`)].join(" "),
  ]);
  return table(
    ["span", "service → remote", "kind", "parent", "from → to", "tags (optional ones in brackets)"],
    rows,
  );
}

function tagTable(): string {
  const users = (tag: string) =>
    ERROR_TAGS.includes(tag) ? "any that failed" : [
      ...new Set(
        [...EMAIL_TRACE, ...POLL_TRACE]
          .filter(({ tags, optionalTags = [] }) => [...tags, ...optionalTags].includes(tag))
          .map(({ name }) => code(name)),
      ),
    ].join(" ");
  const rows = Object.entries(TAGS).map(([tag, { type, meaning }]) => [
    code(tag),
    type,
    meaning,
    users(tag),
  ]);
  return table(["tag", "type", "meaning", "spans"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("spans.md", import.meta.url), spansDocument());
}

/**
 * Writes the span catalogue as a document for people, `spans.md`. Run it after a change of `catalogue.ts`:
 * `deno run --allow-write=shared/tracing/spans.md shared/tracing/spans_document.ts`. A test fails when the two disagree.
 *
 * @module
 */
import {
  BAGGAGE_TAGS,
  EMAIL_TRACE,
  ERROR_TAGS,
  POLL_TRACE,
  type SpanDefinition,
  TAGS,
} from "./catalogue.ts";

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

\`TRACE_RETRIES\` decides where a further attempt is traced:

- \`child\` (default): below \`amqp-retry\`. All attempts are one trace, however long.
- \`link\`: in a trace of its own, which begins with \`emailer\`. This span has the tags \`origin.*\` and an OpenTelemetry link to
  the \`amqp-retry\` that brought it; the broker's half of that one has the tag \`retry.trace_id\` and a link back. The new trace
  is sampled like the one before. Mail, dead letter and \`archive-email\` belong to the trace of their attempt.

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

## Baggage

A caller of \`POST /email\` may send [\`baggage: tenant=acme\`](https://www.w3.org/TR/baggage/). It travels with the trace context, in
the headers of each message and of the mail, and is a tag, \`tenant\`, of every span of the email, of each service and of the
poll's steps. Only the keys in \`TRACE_BAGGAGE_KEYS\` are taken, and of these only ids: 1 to 64 letters, digits and \`. _ ~ -\`.
Everything else is dropped at once, with its properties: baggage is a caller's data, and a tag is no place for an address or a
secret. It goes to everyone downstream, the mail's recipient included. A message may only be believed as far as its sender.

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

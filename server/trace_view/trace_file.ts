import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { EmailSpans } from "./span_reader.ts";
import { readSpans, SpanFormatError } from "./span_stream.ts";
import { SpanWindow } from "./span_window.ts";
import { emailsOf, factsOf } from "./traced_emails.ts";

/** The spans of a document, or why it has none. */
export type TraceFileResult =
  | EmailSpans & { readonly status: "found"; readonly traceId: string }
  | { readonly status: "invalid"; readonly reason: string };

/**
 * Reads a document in Zipkin's form: the spans of a trace, or a list of traces. Its spans may be those of any service.
 *
 * @param maxSpans How many are kept. @default all
 */
export async function readTraceFile(
  document: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxSpans = Infinity,
): Promise<TraceFileResult> {
  const facts = new SpanWindow();
  const all = new SpanWindow(maxSpans);
  let first: ZipkinSpan | undefined;
  try {
    await readSpans(document, (span) => {
      first ??= span;
      facts.add(factsOf(span));
      all.add(span);
    });
  } catch (error) {
    if (error instanceof SpanFormatError) return { status: "invalid", reason: error.message };
    throw error;
  }
  if (first === undefined) return { status: "invalid", reason: "it has no spans" };
  const { traceId } = first;
  return { status: "found", traceId, ...all.shown, emails: emailsOf(facts.spans) };
}

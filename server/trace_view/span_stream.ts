import { type ZipkinSpan, zipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { ObjectSplitter } from "./object_splitter.ts";

/** How long documents in total are processed before yielding to others. */
const SLICE_MS = 10;
/** No span is longer, in characters. */
const MAX_SPAN_LENGTH = 4_000_000;

/** A document is not Zipkin's; the message says why. */
export class SpanFormatError extends Error {
  override readonly name = "SpanFormatError";
}

let sliceStartMs = 0;

/**
 * Reads a list of spans, or a list of such lists, span by span, with the number of its list. A long document blocks nobody and is
 * not kept.
 *
 * @throws {SpanFormatError} If it is not Zipkin's.
 */
export async function readSpans(
  document: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (span: ZipkinSpan, list: number) => void,
): Promise<void> {
  const splitter = new ObjectSplitter();
  let count = 0;
  for await (const piece of document.pipeThrough(new TextDecoderStream())) {
    // A piece may be a whole document.
    for (const { text, list } of splitter.split(piece)) {
      take(toSpan(text, ++count), list);
      await letOthersWork();
    }
    if (splitter.hasOthers) break;
    if (splitter.openLength > MAX_SPAN_LENGTH) {
      throw new SpanFormatError(`span ${count + 1} is too long`);
    }
    await letOthersWork();
  }
  if (!splitter.isComplete) throw new SpanFormatError("it is not a whole list of spans in JSON");
}

async function letOthersWork(): Promise<void> {
  if (performance.now() - sliceStartMs < SLICE_MS) return;
  await new Promise((resolve) => setTimeout(resolve));
  sliceStartMs = performance.now();
}

function toSpan(text: string, number: number): ZipkinSpan {
  const fail = (reason: string): never => {
    throw new SpanFormatError(`span ${number} is not Zipkin's: ${reason}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail("it is not valid JSON");
  }
  const { success, data, error } = zipkinSpan.safeParse(value);
  if (success) return data;
  const { path = [], message = "" } = error.issues[0] ?? {};
  return fail(`${path.join(".")}: ${message}`);
}

import { trace } from "@opentelemetry/api";
import { processClock, toHrTime } from "./clock.ts";

/** An annotation is a line to read, and a span has several: a longer one is cut. */
const MAX_ANNOTATION_BYTES = 256;
const ELLIPSIS = "…";

const encoder = new TextEncoder();
const buffer = new Uint8Array(MAX_ANNOTATION_BYTES);

/**
 * Writes a text into the active span, as an annotation in Zipkin's words and an event in OpenTelemetry's; cut to 256 bytes. It is made
 * only for a span that is recorded.
 */
export function annotateActiveSpan(text: () => string): void {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return;
  span.addEvent(cutBytes(text()), toHrTime(processClock().nowMicroseconds()));
}

function cutBytes(text: string): string {
  if (encoder.encodeInto(text, buffer).read === text.length) return text;
  const room = buffer.subarray(encoder.encode(ELLIPSIS).length);
  return text.slice(0, encoder.encodeInto(text, room).read) + ELLIPSIS;
}

import { trace } from "@opentelemetry/api";
import { cutText } from "../text/mod.ts";
import { processClock, toHrTime } from "./clock.ts";

/** An annotation is a line to read, and a span has several: a longer one is cut. */
const MAX_ANNOTATION_LENGTH = 256;

/**
 * Writes a text into the active span, as an annotation in Zipkin's words and an event in OpenTelemetry's; cut to 256 characters. It
 * is made only for a span that is recorded.
 */
export function annotateActiveSpan(text: () => string): void {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return;
  const line = cutText(text(), MAX_ANNOTATION_LENGTH);
  span.addEvent(line, toHrTime(processClock().nowMicroseconds()));
}

import type { TraceState } from "@opentelemetry/api";
import { TraceState as ParsedTraceState } from "@opentelemetry/core";

/** W3C Trace Context, section 3.3.1.5: so many characters are to be passed on at the least; here at the most. */
const MAX_LENGTH = 512;
/** The same section: where that is too much, longer entries go first. */
const MAX_ENTRY_LENGTH = 128;
/** Nobody's own header; who sends more sends none. */
const MAX_HEADER_LENGTH = 8_192;

/**
 * Reads a `tracestate` header, in the case that it came in; what of it is malformed is left out, and so are whole entries
 * where it is too long.
 */
export function readTraceState(header: string | undefined): TraceState | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  const state = new ParsedTraceState(shorten(header));
  return state.serialize() === "" ? undefined : state;
}

function shorten(header: string): string {
  const entries = header.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  let length = entries.join().length;
  /** The last ones first: the first were added last, by whoever is nearest. */
  const leaveOut = (isLeftOut: (entry: string) => boolean) => {
    for (let index = entries.length - 1; index >= 0 && length > MAX_LENGTH; index--) {
      const entry = entries[index] ?? "";
      if (!isLeftOut(entry)) continue;
      entries.splice(index, 1);
      length -= entry.length + 1;
    }
  };
  leaveOut((entry) => entry.length > MAX_ENTRY_LENGTH);
  leaveOut(() => true);
  return entries.join();
}

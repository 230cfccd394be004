import type { TraceState } from "@opentelemetry/api";
import { TraceState as ParsedTraceState } from "@opentelemetry/core";

/** W3C Trace Context, section 3.3.1.5: at least this many characters should be passed on. We pass on no more. */
const MAX_LENGTH = 512;
/** The same section: above the limit, longer entries are removed first. */
const MAX_ENTRY_LENGTH = 128;
/** A longer header is ignored. */
const MAX_HEADER_LENGTH = 8_192;

/** Reads a `tracestate` header and keeps its case. Malformed entries are left out, and whole entries above the limit. */
export function readTraceState(header: string | undefined): TraceState | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  const state = new ParsedTraceState(shortenList(header));
  return state.serialize() === "" ? undefined : state;
}

/** Removes whole entries of a list until it has at most 512 characters. */
function shortenList(header: string): string {
  const entries = header.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
  let length = entries.join().length;
  /** From the end: the nearest hop adds its entry in front. */
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

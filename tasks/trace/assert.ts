import { AssertionError } from "node:assert";
import {
  assertTrace,
  type ExpectedTrace,
  type TraceSpan,
} from "@playground/shared/trace-assertion";
import { fail } from "@playground/tasks/terminal";
import { readDescription } from "./description.ts";

const EXIT_USAGE = 2;

/** Reads the description in a file; ends the process if there is none. */
export async function descriptionIn(file: string): Promise<ExpectedTrace> {
  const text = await Deno.readTextFile(file).catch((error) => {
    console.error(`Cannot read the description ${file}: ${error.message}`);
    return Deno.exit(EXIT_USAGE);
  });
  const read = readDescription(text);
  if (read.ok) return read.description;
  console.error(
    [`Cannot use the description ${file}:`, ...read.problems.map((problem) => `  ${problem}`)].join(
      "\n",
    ),
  );
  return Deno.exit(EXIT_USAGE);
}

/** Says that a trace is as described, or draws the difference and ends the process with 1. */
export function holdAgainst(description: ExpectedTrace, spans: readonly TraceSpan[]): void {
  try {
    assertTrace(spans, description);
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    fail(error.message.trimEnd());
  }
  console.log("The trace is as described");
}

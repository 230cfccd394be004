/**
 * `deno task trace ID`: draws a trace in the terminal: all of its emails, and the polls' work for them, read from Zipkin's API; or
 * the spans of a file. With `--compare`, what differs from another one; with `--assert`, what differs from a description
 * (`description.ts`).
 *
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import {
  createSpanReader,
  readTraceFile,
  type TraceName,
  traceNamed,
  ZipkinApi,
} from "@playground/server/trace-view";
import { zipkinBase } from "@playground/shared/configuration";
import { failureReason } from "@playground/shared/http";
import {
  assertTrace,
  type ExpectedTrace,
  type TraceSpan,
} from "@playground/shared/trace-assertion";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  notRunning,
  readRunning,
  readSettings,
  stateOption,
} from "@playground/tasks/running-system";
import {
  drawComparison,
  drawWaterfall,
  fail,
  failUsage,
  startTask,
  taskCommandLine,
  terminalOptions,
  url,
} from "@playground/tasks/terminal";
import { AssertionError } from "node:assert";
import { resolve } from "node:path";
import { readDescription } from "./description.ts";

const commandLine = taskCommandLine("trace", "Draws a trace in the terminal.")
  .argument(
    "<trace>",
    "its id (16 or 32 hexadecimal digits), an address that ends with one, or a file of spans in Zipkin's form",
  )
  .option("--compare <trace>", "show what is slower, new or missing, compared with this one")
  .option(
    "--zipkin <url>",
    "where Zipkin is (default: ZIPKIN_URL, or the running playground's)",
    url,
  )
  .addOption(stateOption())
  .option("--logs", "show what was logged in each span")
  .addOption(new Option("--json", "write the spans as JSON, in Zipkin's form").conflicts("compare"))
  .addOption(
    new Option(
      "--assert <file>",
      "compare the trace with a description (tasks/trace/description.ts says how to write one)",
    ).conflicts(["compare", "json"]),
  )
  .addHelpText(
    "after",
    `
Exit code: 0 done; 1 there is no such trace, or it is not as described; 2 wrong usage.`,
  )
  .parse(startTask(), { from: "user" });

const { assert, compare, zipkin: given, state: stateDirectory, json, logs = false } = commandLine
  .opts();
const description = assert === undefined ? undefined : await descriptionIn(assert);
const spans = await read(commandLine.processedArgs[0]);
if (description !== undefined) holdAgainst(description, spans);
else if (compare !== undefined) {
  console.log(drawComparison(spans, await read(compare), terminalOptions()).trimEnd());
} else {
  console.log(
    json
      ? JSON.stringify(spans, null, 2)
      : drawWaterfall(spans, { ...terminalOptions(), logs }).trimEnd(),
  );
}

async function read(text: string): Promise<readonly ZipkinSpan[]> {
  const name = traceNamed(text);
  const spans = name === undefined ? await readFile(text) : await readCollected(name);
  return spans.length > 0
    ? spans
    : fail(`Cannot show ${text}: it has no spans; give another trace`);
}

async function descriptionIn(name: string): Promise<ExpectedTrace> {
  const text = await Deno.readTextFile(pathOf(name)).catch((error) =>
    failUsage(`Cannot read the description ${name}: ${error.message}; give a file of JSON`)
  );
  const read = readDescription(text);
  if (read.ok) return read.description;
  failUsage(`Cannot use the description ${name}:`, read.problems);
}

function holdAgainst(description: ExpectedTrace, spans: readonly TraceSpan[]): void {
  try {
    assertTrace(spans, description);
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    fail(error.message.trimEnd());
  }
  console.log("The trace is as described");
}

/** `deno task` runs in the folder of the project, wherever it is called. */
function pathOf(name: string): string {
  return resolve(Deno.env.get("INIT_CWD") ?? "", name);
}

async function readFile(name: string): Promise<readonly ZipkinSpan[]> {
  const result = await Deno.open(pathOf(name)).then(({ readable }) => readTraceFile(readable))
    .catch((error) => ({
      status: "unreadable" as const,
      reason: `it is not a trace id, and not a file: ${failureReason(error)}`,
    }));
  if (result.status === "found") return result.spans;
  fail(
    `Cannot show ${name}: ${result.reason}; give a trace id, or a list of spans in Zipkin's form`,
  );
}

async function readCollected({ traceId, emailId }: TraceName): Promise<readonly ZipkinSpan[]> {
  const running = await readRunning(stateDirectory);
  const zipkin = given?.href ?? (await readSettings()).ZIPKIN_URL ?? running?.urls.zipkin;
  if (zipkin === undefined || !URL.canParse(zipkin)) {
    const why = running === undefined
      ? notRunning(stateDirectory)
      : "the playground uses none; set ZIPKIN_URL";
    failUsage(`Cannot show a trace: no Zipkin is configured and ${why}, or give --zipkin URL`);
  }
  const result = await createSpanReader(new ZipkinApi(new URL(zipkinBase(zipkin))))(
    traceId,
    emailId,
  );
  switch (result.status) {
    case "unknown":
      return fail("Cannot show the trace: Zipkin does not know it; a new one takes about a second");
    case "unavailable":
      return fail(
        `Cannot show the trace from ${new URL(zipkin).host}: ${result.reason}; is it running?`,
      );
    case "found":
      return result.spans;
  }
}

/**
 * `deno task trace ID`: draws a trace in the terminal, read from Zipkin's API: all of its emails, and the polls' work for them.
 * With `--assert FILE` it holds the trace against the description in a file instead ({@linkcode descriptionIn}).
 *
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { createSpanReader, toTraceId, ZipkinApi } from "@playground/server/trace-view";
import { zipkinBase } from "@playground/shared/configuration";
import { notRunning, readSettings, readUrls, stateOption } from "@playground/tasks/running-system";
import { drawWaterfall, fail, taskCommandLine, terminalOptions } from "@playground/tasks/terminal";
import { descriptionIn, holdAgainst } from "./assert.ts";

const EXIT_USAGE = 2;

const commandLine = taskCommandLine("trace", "Draws a trace in the terminal.")
  .argument(
    "<id>",
    "the trace: 16 or 32 hexadecimal digits, or an address that ends with them",
    traceIdOf,
  )
  .option("--zipkin <url>", "where Zipkin is (default: ZIPKIN_URL, or the running playground's)")
  .addOption(stateOption())
  .option("--logs", "show what was logged in each span")
  .option("--json", "write the spans as JSON, in Zipkin's form")
  .option(
    "--assert <file>",
    "hold the trace against a description instead (tasks/trace/description.ts)",
  )
  .addHelpText(
    "after",
    `
Exit code: 0, 1 if there is no such trace or it is not as described, 2 wrong usage.`,
  )
  .parse(Deno.args, { from: "user" });

const { zipkin: given, state: stateDirectory, json, logs = false, assert } = commandLine.opts();
const description = assert === undefined ? undefined : await descriptionIn(assert);
const urls = await readUrls(stateDirectory);
const zipkin = given ?? (await readSettings()).ZIPKIN_URL ?? urls?.zipkin;
if (zipkin === undefined || !URL.canParse(zipkin)) {
  const why = urls === undefined
    ? notRunning(stateDirectory)
    : "the playground uses none; set ZIPKIN_URL";
  console.error(`Cannot show a trace: no Zipkin is configured and ${why}, or give --zipkin URL`);
  Deno.exit(EXIT_USAGE);
}
const readSpans = createSpanReader(new ZipkinApi(new URL(zipkinBase(zipkin))));
const result = await readSpans(commandLine.processedArgs[0]);
switch (result.status) {
  case "unknown":
    fail("Cannot show the trace: Zipkin does not know it; a new one takes about a second");
    break;
  case "unavailable":
    fail(`Cannot show the trace from ${new URL(zipkin).host}: ${result.reason}; is it running?`);
    break;
  case "found":
    if (description !== undefined) {
      holdAgainst(description, result.spans);
      break;
    }
    console.log(
      json
        ? JSON.stringify(result.spans, null, 2)
        : drawWaterfall(result.spans, { ...terminalOptions(), logs }).trimEnd(),
    );
}

function traceIdOf(text: string): string {
  const digits = /(?:^|[^0-9a-f])(?<id>[0-9a-f]+)$/i.exec(text)?.groups?.id ?? "";
  const id = toTraceId(digits.toLowerCase());
  if (id === undefined) throw new InvalidArgumentError(`${text} is not a trace id`);
  return id;
}

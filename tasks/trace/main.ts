/**
 * `deno task trace ID`: draws a trace in the terminal, read from Zipkin's API: all of its emails, and what the polls did for them.
 *
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { createSpanReader, toTraceId, ZipkinApi } from "@playground/server/trace-view";
import { zipkinBase } from "@playground/shared/configuration";
import {
  notRunning,
  readSettings,
  readUrls,
  ROOT,
  stateOption,
} from "@playground/tasks/running-system";
import { taskCommandLine, terminalOptions } from "@playground/tasks/terminal";
import { drawWaterfall } from "@playground/tasks/terminal";

const TRACE_ID = /(?:^|[^0-9a-f])(?<id>[0-9a-f]+)$/i;

const commandLine = taskCommandLine("trace", "Draws a trace in the terminal.")
  .argument(
    "<id>",
    "the trace: 16 or 32 hexadecimal digits, or an address that ends with them",
    traceIdOf,
  )
  .option("--zipkin <url>", "where Zipkin is (default: ZIPKIN_URL, or the running playground's)")
  .addOption(stateOption())
  .option("--logs", "show what was logged in each span")
  .option("--json", "write the spans as JSON, in Zipkin's form");

Deno.exit(await run());

async function run(): Promise<number> {
  commandLine.parse(Deno.args, { from: "user" });
  const [traceId] = commandLine.processedArgs;
  const { zipkin: givenZipkin, state: stateDirectory, json, logs = false } = commandLine.opts();
  const urls = await readUrls(stateDirectory);
  const zipkin = givenZipkin ?? (await readSettings(ROOT)).ZIPKIN_URL ?? urls?.zipkin;
  if (zipkin === undefined || !URL.canParse(zipkin)) {
    const why = urls === undefined
      ? notRunning(stateDirectory)
      : "the playground uses none; set ZIPKIN_URL";
    console.error(`Cannot show a trace: no Zipkin is known and ${why}, or give --zipkin URL`);
    return 2;
  }
  const result = await createSpanReader(new ZipkinApi(new URL(zipkinBase(zipkin))))(traceId);
  switch (result.status) {
    case "unknown":
      console.error(
        "Cannot show the trace: Zipkin does not know it; a new one takes about a second",
      );
      return 1;
    case "unavailable":
      console.error(
        `Cannot show the trace from ${new URL(zipkin).host}: ${result.reason}; is it running?`,
      );
      return 1;
    case "found":
      console.log(
        json
          ? JSON.stringify(result.spans, null, 2)
          : drawWaterfall(result.spans, { ...terminalOptions(), logs }).trimEnd(),
      );
      return 0;
  }
}

function traceIdOf(text: string): string {
  const id = toTraceId(text.match(TRACE_ID)?.groups?.id?.toLowerCase() ?? "");
  if (id === undefined) throw new InvalidArgumentError("Give one trace id");
  return id;
}

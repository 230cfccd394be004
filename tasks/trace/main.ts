/**
 * `deno task trace ID`: draws a trace in the terminal, read from Zipkin's API. Of an email's trace it also shows what the polls did
 * for this email.
 *
 * @module
 */
import { createSpanReader, ZipkinApi } from "@playground/server/trace-view";
import { zipkinBase } from "@playground/shared/configuration";
import {
  notRunning,
  readSettings,
  readUrls,
  ROOT,
  STATE_OPTION,
  stateDirectoryOf,
  stateOptionHelp,
} from "@playground/tasks/running-system";
import { parseArgsOrExit, terminalOptions } from "@playground/tasks/terminal";
import { drawWaterfall } from "@playground/tasks/terminal";

const HELP = `Draws a trace in the terminal.

Usage: deno task trace ID [options]

  ID             the trace: 16 or 32 hexadecimal digits, or an address that ends with them
  --zipkin URL   where Zipkin is (default: ZIPKIN_URL, or the running playground's)
${stateOptionHelp(17)}
  --json         write the spans as JSON, in Zipkin's form
  --help         this text`;

const TRACE_ID = /(?:^|[^0-9a-f])(?<id>[0-9a-f]{16}|[0-9a-f]{32})$/i;

Deno.exit(await run());

async function run(): Promise<number> {
  const { values, positionals: [text = "", ...others] } = parseArgsOrExit("trace", {
    allowPositionals: true,
    options: {
      zipkin: { type: "string" },
      ...STATE_OPTION,
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const traceId = text.match(TRACE_ID)?.groups?.id?.toLowerCase();
  if (traceId === undefined || others.length > 0) {
    console.error("Cannot show a trace: give one trace id; see deno task trace --help");
    return 2;
  }
  const stateDirectory = stateDirectoryOf(values);
  const urls = await readUrls(stateDirectory);
  const zipkin = values.zipkin ?? (await readSettings(ROOT)).ZIPKIN_URL ?? urls?.zipkin;
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
        `Cannot show the trace from ${zipkin}: ${result.reason}; is it running?`,
      );
      return 1;
    case "found":
      console.log(
        values.json
          ? JSON.stringify(result.spans, null, 2)
          : drawWaterfall(result.spans, terminalOptions()).trimEnd(),
      );
      return 0;
  }
}

import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest, runDeno } from "@playground/shared/testing";

/** Runs a program that logs, since logging is set up once per process; returns its lines. */
async function linesOf(options: string, statements: string): Promise<readonly string[]> {
  const program = `
    import { getLogger, logToConsole } from "@playground/shared/logging";
    import { NoopSpanProcessor } from "@opentelemetry/sdk-trace";
    import { Tracing } from "@playground/shared/tracing";
    await logToConsole(${options});
    await using tracing = new Tracing({ serviceName: "emailer", sampleRatio: 1, processor: new NoopSpanProcessor() });
    const logger = getLogger(["emailer"]);
    ${statements}
  `;
  const { code, output } = await runDeno(["eval", "--no-check", program]);
  equal(code, 0, output);
  return output.split("\n").filter(Boolean);
}

integrationTest(
  "logToConsole() writes JSON with the ids of the active span where there is no terminal",
  async () => {
    const [idsLine, inside, outside] = await linesOf(
      `{ LOG_LEVEL: "info" }`,
      `
      await tracing.inSpan("emailer", {}, async (span) => {
        const { traceId, spanId } = span.spanContext();
        console.log(JSON.stringify({ trace_id: traceId, span_id: spanId }));
        await Promise.resolve();
        logger.info("Sent email {id}", { id: "42" });
      });
      logger.info("Waiting");
    `,
    );

    const record = JSON.parse(inside ?? "");
    deepEqual(record.properties, { id: "42", ...JSON.parse(idsLine ?? "") });
    equal(record.message, 'Sent email "42"');
    equal(record.level, "INFO");
    equal(record.logger, "emailer");
    deepEqual(JSON.parse(outside ?? "").properties, {});
  },
);

integrationTest(
  "logToConsole() writes one line for people when asked to, and none below its level",
  async () => {
    const lines = await linesOf(
      `{ LOG_LEVEL: "info", LOG_FORMAT: "pretty" }`,
      `
      logger.debug("Sending it");
      logger.info("Sent email {id}", { id: "42" });
      await tracing.inSpan("emailer", {}, () => logger.warn("Cannot send it"));
    `,
    );
    match(lines[0] ?? "", /^\d\d:\d\d:\d\d\.\d+ INFO {4}Sent email 42$/);
    match(lines[1] ?? "", /^\d\d:\d\d:\d\d\.\d+ WARNING Cannot send it \(trace [0-9a-f]{32}\)$/);
  },
);

import { equal, match } from "node:assert/strict";
import { getJsonLinesFormatter, type LogLevel, type LogRecord } from "@logtape/logtape";
import { jsonLine } from "./json_lines.ts";

Deno.test.each([
  ["a text", "a7c6", "info"],
  ["a warning", 'with "quotes"\n', "warning"],
  ["a number", 12.5, "debug"],
  ["no number", NaN, "info"],
  ["a boolean", true, "error"],
  ["control characters", "\u009b31m", "info"],
  ["nothing", undefined, "info"],
  ["a list", [1, { two: 2n }], "info"],
])("jsonLine() writes %s as LogTape does", (_what, value, level) => {
  const record = recordOf(value, level);
  equal(jsonLine(record).trimEnd(), getJsonLinesFormatter()(record).trimEnd());
});

Deno.test("jsonLine() says in the message what an error says", () => {
  const { message, properties } = JSON.parse(
    jsonLine(recordOf(new TypeError("broken", { cause: "a cause" }), "error")),
  );
  equal(message, 'Value "TypeError: broken" of "it"');
  equal(properties.value.cause, "a cause");
  match(properties.value.stack, /json_lines_test/);
});

function recordOf(value: unknown, level: LogLevel): LogRecord {
  return {
    timestamp: 1_795_000_000_123,
    level,
    category: ["message-server", "part"],
    message: ["Value ", value, " of ", "it", ""],
    rawMessage: "Value {value} of {what}",
    properties: { value, what: "it" },
  };
}

import { deepEqual, ok } from "node:assert/strict";
import { readAll } from "./read_all.ts";

Deno.test("readAll() leaves to stand-ins what is not set", () => {
  const result = readAll({ ZIPKIN_URL: "http://127.0.0.1:9411" });
  deepEqual(result.ok ? result.embedded : result.problems, ["amqp", "mongodb", "mailtrap"]);
});

Deno.test("readAll() tells every problem of every service once, and no value", () => {
  const result = readAll({ LOG_LEVEL: "s3cret", PORT: "s3cret", RETRY_DELAYS: "s3cret" });
  const problems = result.ok ? [] : result.problems;
  deepEqual(problems.map((problem) => problem.split(":")[0]).toSorted(), [
    "LOG_LEVEL",
    "PORT",
    "RETRY_DELAYS",
  ]);
  ok(!JSON.stringify(problems).includes("s3cret"));
});

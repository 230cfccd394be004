import { deepEqual, match, ok } from "node:assert/strict";
import {
  type Environment,
  parseDuration,
  readConfiguration,
} from "@playground/shared/configuration";
import { telemetryVariables } from "@playground/shared/telemetry";
import { serverConfiguration, zipkinToRead } from "./configuration.ts";

const AMQP_URL = "amqp://guest:guest@127.0.0.1:5672";

/** All problems of an environment. */
function problemsOf(environment: Environment): readonly string[] {
  const result = readConfiguration(serverConfiguration, environment);
  return result.ok ? [] : result.problems;
}

Deno.test("serverConfiguration needs nothing but the broker's address", () => {
  const result = readConfiguration(serverConfiguration, { AMQP_URL });
  ok(result.ok);
  const own = Object.entries(result.configuration).filter(([name]) =>
    !(name in telemetryVariables)
  );
  deepEqual(Object.fromEntries(own), {
    RETRY_DELAYS: ["1s", "5s", "30s", "2m", "10m"].map(parseDuration),
    HOST: "127.0.0.1",
    PORT: 8080,
    ALLOW_ANONYMOUS: false,
    AMQP_URL: [new URL(AMQP_URL)],
    MESSAGE_ID_DOMAIN: "playground.invalid",
    LOG_LEVEL: "info",
    STOP_AT_STDIN_EOF: false,
  });
});

Deno.test("serverConfiguration requires a token beyond loopback, unless anonymous callers are allowed", () => {
  for (const HOST of ["127.0.0.1", "::1", "localhost"]) {
    deepEqual(problemsOf({ AMQP_URL, HOST }), []);
  }
  for (const HOST of ["0.0.0.0", "::", "192.0.2.1", "mail.example.com"]) {
    for (const refused of [{}, { ALLOW_ANONYMOUS: "false" }, { API_TOKEN: "" }]) {
      const [problem, ...others] = problemsOf({ AMQP_URL, HOST, ...refused });
      match(problem ?? "", /^HOST: lets other machines send email without a token; set API_TOKEN/);
      deepEqual(others, []);
    }
    deepEqual(problemsOf({ AMQP_URL, HOST, API_TOKEN: "t0ken" }), []);
    deepEqual(problemsOf({ AMQP_URL, HOST, ALLOW_ANONYMOUS: "true" }), []);
  }
});

Deno.test("serverConfiguration reports a missing token beside all other problems", () => {
  const problems = problemsOf({ HOST: "0.0.0.0", PORT: "http", MESSAGE_ID_DOMAIN: "a b" });
  deepEqual(problems.map((problem) => problem.split(":")[0]).toSorted(), [
    "AMQP_URL",
    "HOST",
    "MESSAGE_ID_DOMAIN",
    "PORT",
  ]);
});

Deno.test("zipkinToRead() is none where spans are not sent to it", () => {
  const zipkinUrl = new URL("http://127.0.0.1:9411");
  const read = (["zipkin", "zipkin-stock", "otlp", "none"] as const)
    .map((exporter) => zipkinToRead({ exporter, zipkinUrl }));
  deepEqual(read, [zipkinUrl, zipkinUrl, undefined, undefined]);
});

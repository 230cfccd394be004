import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest, runDeno } from "@playground/shared/testing";
import { z } from "zod";
import { readConfiguration } from "./configuration.ts";
import { amqpUrls, flag, mongodbUrl, port } from "./variables.ts";

const schema = z.object({
  PORT: port(8080),
  API_TOKEN: z.string({ error: "must be set" }),
  AMQP_URL: amqpUrls(),
  MONGODB_URL: mongodbUrl(),
  VERBOSE: flag(),
});

Deno.test("readConfiguration() reads the variables of its schema and no others", () => {
  const result = readConfiguration(schema, {
    API_TOKEN: "t0ken",
    AMQP_URL: "amqp://127.0.0.1",
    MONGODB_URL: "mongodb://127.0.0.1",
    HOME: "/root",
  });
  deepEqual(result, {
    ok: true,
    configuration: {
      PORT: 8080,
      API_TOKEN: "t0ken",
      AMQP_URL: [new URL("amqp://127.0.0.1")],
      MONGODB_URL: "mongodb://127.0.0.1",
      VERBOSE: false,
    },
  });
});

Deno.test("readConfiguration() takes a blank variable as unset", () => {
  for (const blank of ["", " ", "\t"]) {
    const result = readConfiguration(z.object({ PORT: port(8080) }), { PORT: blank });
    deepEqual(result, { ok: true, configuration: { PORT: 8080 } });
  }
});

Deno.test("readConfiguration() reports all problems at once", () => {
  const result = readConfiguration(schema, { PORT: "http", VERBOSE: "perhaps" });
  deepEqual(result.ok ? [] : result.problems.map((problem) => problem.split(":")[0]), [
    "PORT",
    "API_TOKEN",
    "AMQP_URL",
    "MONGODB_URL",
    "VERBOSE",
  ]);
});

Deno.test("readConfiguration() repeats no value in a problem", () => {
  const secret = "hunter2";
  const result = readConfiguration(schema, {
    PORT: secret,
    API_TOKEN: secret,
    AMQP_URL: `ampq://guest:${secret}@127.0.0.1`,
    MONGODB_URL: `mongo://root:${secret}@127.0.0.1`,
    VERBOSE: secret,
  });
  equal(result.ok, false);
  equal(JSON.stringify(result).includes(secret), false);
});

Deno.test("readConfiguration() reports a problem of the whole configuration", () => {
  const either = z.object({ A: z.string().optional(), B: z.string().optional() })
    .refine(({ A, B }) => A !== undefined || B !== undefined, { error: "set A or B" });
  deepEqual(readConfiguration(either, {}), { ok: false, problems: ["set A or B"] });
});

integrationTest("configurationOrExit() ends the process with all problems", async () => {
  const program = `
    import { configurationOrExit, httpUrl, port } from "@playground/shared/configuration";
    import { z } from "zod";
    const schema = z.object({ PORT: port(8080), MAILTRAP_URL: httpUrl("https://mailtrap.io") });
    console.log(JSON.stringify(configurationOrExit("mail-poller", schema)));
  `;
  const run = (env: Readonly<Record<string, string>>) =>
    runDeno(["eval", "--no-check", program], { env });

  const invalid = await run({ PORT: "http", MAILTRAP_URL: "" });
  equal(invalid.code, 2);
  match(
    invalid.stderr,
    /^Cannot configure mail-poller: its configuration is not valid; set these/m,
  );
  match(invalid.stderr, /^ {2}PORT: must be a port number/m);
  match(invalid.stderr, /^ {2}MAILTRAP_URL: must be set/m);

  const valid = await run({ PORT: "0", MAILTRAP_URL: "http://127.0.0.1:1" });
  deepEqual(JSON.parse(valid.stdout), { PORT: 0, MAILTRAP_URL: "http://127.0.0.1:1/" });
});

import { deepEqual, match } from "node:assert/strict";
import { z } from "zod";
import { commonVariables, traceThroughSmtp } from "./common.ts";
import { readConfiguration } from "./configuration.ts";
import {
  amqpUrls,
  durations,
  flag,
  httpUrl,
  integer,
  mongodbUrl,
  port,
  zipkinUrl,
} from "./variables.ts";

/** Reads one variable; `undefined` leaves it unset. */
function read(schema: z.ZodType, value: string | undefined) {
  return readConfiguration(z.object({ VARIABLE: schema }), { VARIABLE: value });
}

interface VariableCases {
  readonly name: string;
  readonly schema: z.ZodType;
  /** Text in the environment, and its value. */
  readonly valid: readonly (readonly [text: string | undefined, value: unknown])[];
  readonly invalid: readonly (string | undefined)[];
  readonly problem: RegExp;
}

const variables: readonly VariableCases[] = [
  {
    name: "port()",
    schema: port(8080),
    valid: [[undefined, 8080], ["0", 0], ["65535", 65535]],
    invalid: ["-1", "65536", "80.5", "http", "8080/tcp", "NaN"],
    problem: /must be a port number from 0 to 65535/,
  },
  {
    name: "integer()",
    schema: integer(4, 1, 100),
    valid: [[undefined, 4], ["1", 1], ["100", 100]],
    invalid: ["0", "101", "1.5", "many", "Infinity"],
    problem: /must be a whole number from 1 to 100/,
  },
  {
    name: "flag()",
    schema: flag(),
    valid: [[undefined, false], ["true", true], ["false", false]],
    invalid: ["yes", "1", "TRUE"],
    problem: /must be true or false/,
  },
  {
    name: "httpUrl()",
    schema: httpUrl("https://mailtrap.io").transform(String),
    valid: [["https://mailtrap.io", "https://mailtrap.io/"]],
    invalid: [undefined, "mailtrap.io", "ftp://mailtrap.io", "//mailtrap.io", "http://"],
    problem: /must be .*https:\/\/mailtrap\.io/,
  },
  {
    name: "zipkinUrl()",
    schema: zipkinUrl().transform(String),
    valid: [
      ["http://127.0.0.1:9411", "http://127.0.0.1:9411/"],
      ["http://127.0.0.1:9411/api/v1", "http://127.0.0.1:9411/"],
      ["http://zipkin:9411/api/v2/", "http://zipkin:9411/"],
      ["http://zipkin:9411/api/v2/spans", "http://zipkin:9411/"],
      ["https://example.com/backend/api/v1/spans", "https://example.com/backend"],
      ["https://example.com/api/v2/traces", "https://example.com/api/v2/traces"],
    ],
    invalid: [undefined, "127.0.0.1:9411", "amqp://127.0.0.1"],
    problem: /must be .*http:\/\/127\.0\.0\.1:9411/,
  },
  {
    name: "amqpUrls()",
    schema: amqpUrls().transform((urls) => urls.map(String)),
    valid: [
      ["amqp://guest:guest@127.0.0.1:5672", ["amqp://guest:guest@127.0.0.1:5672"]],
      ["amqps://a.example, amqp://b:5673", ["amqps://a.example", "amqp://b:5673"]],
    ],
    invalid: [
      undefined,
      "127.0.0.1",
      "http://127.0.0.1",
      "amqp://a,",
      "amqp://a,http://b",
      "amqp://guest:50%@127.0.0.1",
      "amqp://",
    ],
    problem: /must be .*amqp:\/\/guest:guest@127\.0\.0\.1:5672/,
  },
  {
    name: "mongodbUrl()",
    schema: mongodbUrl(),
    valid: [
      ["mongodb://127.0.0.1:27017/messages", "mongodb://127.0.0.1:27017/messages"],
      ["mongodb+srv://cluster.example.com", "mongodb+srv://cluster.example.com"],
      ["mongodb://a:1,b:2/?replicaSet=rs", "mongodb://a:1,b:2/?replicaSet=rs"],
    ],
    invalid: [undefined, "mongodb://", "mongo://127.0.0.1", "127.0.0.1:27017"],
    problem: /must be .*mongodb:\/\/127\.0\.0\.1:27017\/messages/,
  },
  {
    name: "TRACE_SAMPLE_RATIO",
    schema: commonVariables.TRACE_SAMPLE_RATIO,
    valid: [[undefined, 1], ["0", 0], ["0.25", 0.25], ["1", 1]],
    invalid: ["-0.1", "1.1", "half", "NaN"],
    problem: /must be a number from 0 \(no trace\) to 1 \(every trace\)/,
  },
  {
    name: "durations()",
    schema: durations("1s,5s"),
    valid: [
      [undefined, [{ text: "1s", milliseconds: 1_000 }, { text: "5s", milliseconds: 5_000 }]],
      ["250ms", [{ text: "250ms", milliseconds: 250 }]],
      ["2m, 1h", [{ text: "2m", milliseconds: 120_000 }, { text: "1h", milliseconds: 3_600_000 }]],
    ],
    invalid: ["1", "0s", "-1s", "1d", "1s,", "1s;2s", "1.5s", "s"],
    problem: /must be time spans separated by commas, such as 1s,5s/,
  },
  {
    name: "traceThroughSmtp",
    schema: traceThroughSmtp,
    valid: [[undefined, "link"], ["link", "link"], ["join", "join"], ["off", "off"]],
    invalid: ["on", "LINK"],
    problem: /must be one of link, join, off/,
  },
];

for (const { name, schema, valid, invalid, problem } of variables) {
  Deno.test(`${name} takes ${valid.map(([text]) => text).join(" ")}`, () => {
    for (const [text, value] of valid) {
      const result = read(schema, text);
      deepEqual(result.ok ? result.configuration.VARIABLE : result, value);
    }
  });
  Deno.test(`${name} refuses ${invalid.join(" ")}`, () => {
    for (const text of invalid) {
      const result = read(schema, text);
      const problems = result.ok ? `none with ${text}` : result.problems.join("\n");
      match(problems, problem);
      match(problems, /^VARIABLE: [^\n]+$/);
    }
  });
}

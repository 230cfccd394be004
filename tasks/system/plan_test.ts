import { deepEqual, match, ok } from "node:assert/strict";
import { planStandIns, readAll } from "./plan.ts";

const MAILTRAP = {
  MAILTRAP_USER: "user",
  MAILTRAP_PASSWORD: "sEcReT",
  MAILTRAP_BOXID: "1",
  MAILTRAP_TOKEN: "token",
};

for (
  const [settings, embedded] of [
    [{}, ["zipkin", "amqp", "mongodb", "mailtrap"]],
    [{ ZIPKIN_URL: "http://zipkin" }, ["amqp", "mongodb", "mailtrap"]],
    [{ AMQP_URL: "amqp://rabbit" }, ["zipkin", "mongodb", "mailtrap"]],
    [{ MONGODB_URL: "mongodb://mongo" }, ["zipkin", "amqp", "mailtrap"]],
    [MAILTRAP, ["zipkin", "amqp", "mongodb"]],
    [{ ZIPKIN_URL: "z", AMQP_URL: "a", MONGODB_URL: "m", ...MAILTRAP }, []],
  ] as const
) {
  const names = Object.keys(settings).join(", ") || "nothing";
  Deno.test(`planStandIns() embeds what is not configured, with ${names}`, () => {
    deepEqual(planStandIns(settings), { ok: true, embedded });
  });
}

Deno.test("planStandIns() refuses half a Mailtrap account, and names the other half", () => {
  for (const missing of Object.keys(MAILTRAP)) {
    const plan = planStandIns({ ...MAILTRAP, [missing]: undefined });
    deepEqual(plan.ok ? [] : plan.problems.map((line) => line.split(":")[0]), [missing]);
  }
});

const ADDRESS =
  "SMTP_HOST SMTP_PORT SMTP_TLS SMTP_CA MAILTRAP_URL MAILTRAP_API MAILTRAP_ACCOUNT_ID";
for (const name of ADDRESS.split(" ")) {
  Deno.test(`planStandIns() refuses ${name} where the stand-in takes Mailtrap's place`, () => {
    const plan = planStandIns({ [name]: "value" });
    match(
      plan.ok ? "" : plan.problems.join(),
      new RegExp(`^${name}: has no effect without MAILTRAP_USER, .* unset it to use the stand-in$`),
    );
    deepEqual(planStandIns({ ...MAILTRAP, [name]: "value" }).ok, true);
  });
}

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

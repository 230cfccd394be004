import { deepEqual, match } from "node:assert/strict";
import { planStandIns } from "./plan.ts";

const MAILTRAP = {
  MAILTRAP_USER: "user",
  MAILTRAP_PASSWORD: "sEcReT",
  MAILTRAP_BOXID: "1",
  MAILTRAP_TOKEN: "token",
};

Deno.test("planStandIns() embeds everything where nothing is configured", () => {
  deepEqual(planStandIns({}), { ok: true, embedded: ["zipkin", "amqp", "mongodb", "mailtrap"] });
});

for (
  const [settings, embedded] of [
    [{ ZIPKIN_URL: "http://zipkin" }, ["amqp", "mongodb", "mailtrap"]],
    [{ AMQP_URL: "amqp://rabbit" }, ["zipkin", "mongodb", "mailtrap"]],
    [{ MONGODB_URL: "mongodb://mongo" }, ["zipkin", "amqp", "mailtrap"]],
    [MAILTRAP, ["zipkin", "amqp", "mongodb"]],
  ] as const
) {
  Deno.test(`planStandIns() embeds no stand-in for what ${Object.keys(settings)[0]} names`, () => {
    deepEqual(planStandIns(settings), { ok: true, embedded });
  });
}

Deno.test("planStandIns() embeds nothing where everything is configured", () => {
  const all = { ...MAILTRAP, ZIPKIN_URL: "z", AMQP_URL: "a", MONGODB_URL: "m" };
  deepEqual(planStandIns(all), { ok: true, embedded: [] });
});

for (const missing of Object.keys(MAILTRAP)) {
  Deno.test(`planStandIns() refuses a Mailtrap account without ${missing}`, () => {
    const plan = planStandIns({ ...MAILTRAP, [missing]: undefined });
    deepEqual([plan.ok, plan.ok ? [] : plan.problems.map((line) => line.split(":")[0])], [
      false,
      [missing],
    ]);
  });
}

for (
  const name of [
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_TLS",
    "SMTP_CA",
    "MAILTRAP_URL",
    "MAILTRAP_API",
    "MAILTRAP_ACCOUNT_ID",
  ]
) {
  Deno.test(`planStandIns() refuses ${name} where the stand-in takes Mailtrap's place`, () => {
    const plan = planStandIns({ [name]: "value" });
    match(
      plan.ok ? "" : plan.problems.join(),
      new RegExp(`^${name}: is of no use without MAILTRAP_USER, .* unset it to use the stand-in$`),
    );
    deepEqual(planStandIns({ ...MAILTRAP, [name]: "value" }).ok, true);
  });
}

import { deepEqual, match } from "node:assert/strict";
import { planStandIns } from "./plan.ts";

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

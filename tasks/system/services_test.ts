import { deepEqual } from "node:assert/strict";
import { environmentOf, SERVICE_NAMES } from "./services.ts";

/** The services that need a secret, by the name of its variable. */
const SECRETS = {
  API_TOKEN: ["message-server", "mail-poller"],
  AMQP_URL: ["message-server", "emailer"],
  MONGODB_URL: ["mail-poller"],
  MAILTRAP_USER: ["emailer"],
  MAILTRAP_PASSWORD: ["emailer"],
  MAILTRAP_BOXID: ["mail-poller"],
  MAILTRAP_TOKEN: ["mail-poller"],
  COMPOSE_RABBITMQ_PASSWORD: [],
  AWS_SECRET_ACCESS_KEY: [],
} as const;

for (const [secret, services] of Object.entries(SECRETS)) {
  Deno.test(`environmentOf() gives ${secret} to ${services.join(" and ") || "nobody"}`, () => {
    const environment = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, "s3cret"]));
    deepEqual(SERVICE_NAMES.filter((name) => secret in environmentOf(name, environment)), services);
  });
}

Deno.test("environmentOf() gives a service its own settings and those of all, and no unset one", () => {
  const zipkin = { ZIPKIN_URL: "http://zipkin:9411" };
  const environment = { ...zipkin, LOG_LEVEL: "debug", HOST: undefined, PORT: "1" };
  for (const name of ["emailer", "mail-poller"] as const) {
    deepEqual(environmentOf(name, environment), { ...zipkin, LOG_LEVEL: "debug" });
  }
  deepEqual(environmentOf("message-server", environment).PORT, "1");
});

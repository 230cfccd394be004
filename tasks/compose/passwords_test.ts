import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import {
  explainRefusals,
  isRefusedPassword,
  missingPasswords,
  PASSWORD_VOLUMES,
} from "./passwords.ts";

const made = (passwords: readonly string[]) => {
  const rest = [...passwords];
  return () => rest.shift() ?? "";
};

Deno.test("missingPasswords() makes a password for each that is not set", () => {
  deepEqual(missingPasswords({}, [], made(["one", "two"])), {
    COMPOSE_RABBITMQ_PASSWORD: "one",
    COMPOSE_MONGO_PASSWORD: "two",
  });
});

Deno.test("missingPasswords() leaves those that are set", () => {
  deepEqual(missingPasswords({ COMPOSE_RABBITMQ_PASSWORD: "set" }, [], made(["one"])), {
    COMPOSE_MONGO_PASSWORD: "one",
  });
});

Deno.test("missingPasswords() makes none for data that was made with another", () => {
  deepEqual(missingPasswords({}, [PASSWORD_VOLUMES.COMPOSE_MONGO_PASSWORD], made(["one"])), {
    COMPOSE_RABBITMQ_PASSWORD: "one",
  });
  deepEqual(missingPasswords({}, Object.values(PASSWORD_VOLUMES)), {});
});

Deno.test("missingPasswords() makes passwords that need no escaping in an address", () => {
  const passwords = missingPasswords({}, []);
  const values = Object.values(passwords);
  for (const value of values) match(value, /^[0-9a-f]{36}$/);
  equal(values.length, 2);
  notEqual(values[0], values[1]);
});

const REFUSED_BY_RABBITMQ =
  "emailer is not ready: Handshake terminated by server: 403 (ACCESS-REFUSED)";
const REFUSED_BY_MONGODB = "mail-poller is not ready: Authentication failed.";

Deno.test("isRefusedPassword() knows what RabbitMQ and MongoDB say", () => {
  ok(isRefusedPassword(REFUSED_BY_RABBITMQ));
  ok(isRefusedPassword(REFUSED_BY_MONGODB));
  ok(!isRefusedPassword("emailer is not ready: connect ECONNREFUSED 172.18.0.2:5672"));
});

Deno.test("explainRefusals() names the volume, the setting and both ways out", () => {
  deepEqual(explainRefusals(["emailer is not ready: it is away"], ".env"), []);
  const [sentence = "", ...others] = explainRefusals([REFUSED_BY_MONGODB], ".env");
  match(sentence, /tracing-playground_mongo-data .* \.env as COMPOSE_MONGO_PASSWORD, .*--volumes$/);
  deepEqual(others, []);
  equal(explainRefusals([REFUSED_BY_RABBITMQ, REFUSED_BY_MONGODB], ".env").length, 2);
});

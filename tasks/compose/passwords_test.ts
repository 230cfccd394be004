import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { missingPasswords, PASSWORD_VOLUMES } from "./passwords.ts";

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

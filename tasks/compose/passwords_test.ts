import { deepEqual, match } from "node:assert/strict";
import { missingPasswords } from "./passwords.ts";

Deno.test("missingPasswords() makes none that is set or belongs to a volume", () => {
  const names = (...given: Parameters<typeof missingPasswords>) =>
    Object.keys(missingPasswords(...given));
  const [RABBITMQ, MONGODB] = ["COMPOSE_RABBITMQ_PASSWORD", "COMPOSE_MONGO_PASSWORD"];
  deepEqual(names({}, []), [RABBITMQ, MONGODB]);
  deepEqual(names({ [MONGODB]: "x" }, []), [RABBITMQ]);
  deepEqual(names({}, ["tracing-playground_mongo-data"]), [RABBITMQ]);
});

Deno.test("missingPasswords() makes passwords that differ and need no escaping", () => {
  const [one = "", other = ""] = Object.values(missingPasswords({}, []));
  match(`${one} ${other}`, /^(?<one>[0-9a-f]{36}) (?!\k<one>)[0-9a-f]{36}$/);
});

import { deepEqual, equal, match } from "node:assert/strict";
import { explainRefusals, missingPasswords, PASSWORD_VOLUMES } from "./passwords.ts";

const RABBITMQ = "COMPOSE_RABBITMQ_PASSWORD";
const MONGODB = "COMPOSE_MONGO_PASSWORD";

for (
  const { what, settings, volumes, expected } of [
    { what: "for each that is not set", settings: {}, volumes: [], expected: [RABBITMQ, MONGODB] },
    {
      what: "for none that is set",
      settings: { [MONGODB]: "x" },
      volumes: [],
      expected: [RABBITMQ],
    },
    {
      what: "for no data that was made with another",
      settings: {},
      volumes: [PASSWORD_VOLUMES[MONGODB]],
      expected: [RABBITMQ],
    },
  ]
) {
  Deno.test(`missingPasswords() makes passwords ${what}, that need no escaping`, () => {
    const passwords = missingPasswords(settings, volumes);
    deepEqual(Object.keys(passwords), expected);
    for (const password of Object.values(passwords)) match(password, /^[0-9a-f]{36}$/);
    equal(new Set(Object.values(passwords)).size, expected.length);
  });
}

Deno.test("explainRefusals() names the volume, the setting and both ways out", () => {
  deepEqual(explainRefusals(["emailer is not ready: connect ECONNREFUSED"], ".env"), []);
  const [sentence = "", ...others] = explainRefusals(
    ["mail-poller is not ready: Authentication failed."],
    ".env",
  );
  match(sentence, /tracing-playground_mongo-data .* \.env as COMPOSE_MONGO_PASSWORD, .*--volumes$/);
  deepEqual(others, []);
});

import { equal } from "node:assert/strict";
import { destinationName } from "./destination_name.ts";

for (
  const [destination, expected] of [
    [{ exchange: "rpc", routingKey: "send.email" }, "rpc:send.email"],
    [{ exchange: "", routingKey: "send-email.retry.1s" }, "send-email.retry.1s"],
    [
      { exchange: "rpc", routingKey: "send.email", queue: "send-email" },
      "rpc:send.email:send-email",
    ],
    [{ exchange: "", routingKey: "send-email", queue: "send-email" }, "send-email"],
    [{ exchange: "logs", routingKey: "" }, "logs"],
    [{ exchange: "", routingKey: "" }, "amq.default"],
  ] as const
) {
  Deno.test(`destinationName() names ${JSON.stringify(destination)} ${expected}`, () => {
    equal(destinationName(destination), expected);
  });
}

import { equal } from "node:assert/strict";
import { FAULT_NAMES } from "@playground/tasks/faults";
import { nearest } from "./nearest.ts";

for (
  const [word, expected] of [
    ["smtp.repyl", "smtp.reply"],
    ["smtp.reply", "smtp.reply"],
    ["nack", "rabbitmq.nack"],
    ["rabbit.freeze", "rabbitmq.freeze"],
    ["drop-after-dat", "smtp.drop-after-data"],
    ["mongodb.slow", "mongodb.down"],
    ["xyzzy", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`nearest() takes "${word}" for ${expected}`, () => {
    equal(nearest(word, FAULT_NAMES), expected);
  });
}

Deno.test("nearest() finds nothing where there is nothing", () => {
  equal(nearest("smtp.reply", []), undefined);
});

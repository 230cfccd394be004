import { deepEqual, equal } from "node:assert/strict";
import { SAMPLE_SIZE, SLOWEST_COUNT, Tally } from "./tally.ts";
import { acceptedEmail } from "./testing.ts";

Deno.test("record() counts what was accepted by how it shall end", () => {
  const tally = new Tally();
  for (const expected of ["archived", "deadLettered", "archived"] as const) {
    tally.record({ status: "accepted", email: acceptedEmail(1) }, expected, 5);
  }
  deepEqual([tally.accepted, tally.expected], [3, { archived: 2, deadLettered: 1 }]);
  deepEqual([tally.failed, tally.answerTimes.count], [0, 3]);
});

Deno.test("record() counts failures by their reason, and no times of theirs", () => {
  const tally = new Tally();
  const refused = {
    status: "refused",
    httpStatus: 503,
    lines: ["Email not accepted: down", "x"],
  } as const;
  tally.record(refused, "archived", 5);
  tally.record(refused, "archived", 5);
  tally.record({ status: "unreachable", reason: "refused" }, "archived", 5);
  deepEqual([...tally.failures], [
    ["HTTP 503: Email not accepted: down", 2],
    ["no answer: refused", 1],
  ]);
  deepEqual([tally.failed, tally.accepted, tally.answerTimes.count], [3, 0, 0]);
});

Deno.test("record() holds no more the longer the run is", () => {
  const tally = new Tally();
  for (let number = 0; number < 1_000; number++) {
    tally.record({ status: "accepted", email: acceptedEmail(number) }, "archived", number);
    tally.record({ status: "unreachable", reason: `reason ${number}` }, "archived", number);
  }
  equal(tally.sample.items.length, SAMPLE_SIZE);
  equal(tally.slowestAnswers.items.length, SLOWEST_COUNT);
  equal(tally.slowestAnswers.items[0]?.item.id, "id-999");
  equal(tally.failures.size, 21);
  equal(tally.failures.get("other reasons"), 980);
  equal(tally.failed, 1_000);
});

Deno.test("record() samples no email whose trace is not reported", () => {
  const tally = new Tally();
  tally.record({ status: "accepted", email: acceptedEmail(1, false) }, "archived", 5);
  deepEqual(tally.sample.items, []);
});

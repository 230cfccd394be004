import { equal } from "node:assert/strict";
import { delayAfter } from "./retry_policy.ts";

const DELAYS = [
  { text: "1s", milliseconds: 1_000 },
  { text: "5s", milliseconds: 5_000 },
] as const;

Deno.test("delayAfter() takes the delays one after the other", () => {
  equal(delayAfter({ delays: DELAYS, maxAttempts: 3 }, 1), DELAYS[0]);
  equal(delayAfter({ delays: DELAYS, maxAttempts: 3 }, 2), DELAYS[1]);
});

Deno.test("delayAfter() repeats the last delay when there are more attempts than delays", () => {
  equal(delayAfter({ delays: DELAYS, maxAttempts: 10 }, 3), DELAYS[1]);
  equal(delayAfter({ delays: DELAYS, maxAttempts: 10 }, 9), DELAYS[1]);
});

Deno.test("delayAfter() ends with the last attempt", () => {
  equal(delayAfter({ delays: DELAYS, maxAttempts: 3 }, 3), undefined);
  equal(delayAfter({ delays: DELAYS, maxAttempts: 3 }, 4), undefined);
  equal(delayAfter({ delays: DELAYS, maxAttempts: 1 }, 1), undefined);
});

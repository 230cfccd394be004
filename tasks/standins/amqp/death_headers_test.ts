import assert from "node:assert/strict";
import { type Death, isAutomaticCycle, recordDeath } from "./death_headers.ts";

const EXPIRED: Death = {
  reason: "expired",
  queue: "retry",
  exchange: "",
  routingKey: "retry",
  diedAtMs: 1_700_000_000_999,
};

const REJECTED: Death = { ...EXPIRED, reason: "rejected", queue: "work" };

Deno.test("recordDeath() describes the first death twice: in x-death and in x-first-death-…", () => {
  assert.deepEqual(recordDeath({ kept: 1, "x-delivery-count": 3 }, EXPIRED), {
    kept: 1,
    "x-death": [{
      count: 1,
      reason: "expired",
      queue: "retry",
      time: { "!": "timestamp", value: 1_700_000_000 },
      exchange: "",
      "routing-keys": ["retry"],
    }],
    "x-first-death-reason": "expired",
    "x-first-death-queue": "retry",
    "x-first-death-exchange": "",
  });
});

Deno.test("recordDeath() counts a repeated death and moves it to the front", () => {
  const headers = [EXPIRED, REJECTED, EXPIRED].reduce(recordDeath, {});
  const deaths = headers["x-death"];
  assert.ok(Array.isArray(deaths));
  assert.deepEqual(deaths.map(({ queue, count }) => [queue, count]), [["retry", 2], ["work", 1]]);
  assert.equal(headers["x-first-death-queue"], "retry");
});

Deno.test("recordDeath() survives an x-death that a client made up", () => {
  const headers = recordDeath({ "x-death": ["nonsense", 5] }, EXPIRED);
  assert.equal(Array.isArray(headers["x-death"]) && headers["x-death"].length, 1);
});

Deno.test("recordDeath() remembers no more than 16 deaths", () => {
  let headers = {};
  for (let index = 0; index < 40; index++) {
    headers = recordDeath(headers, { ...EXPIRED, queue: `q${index}` });
  }
  const deaths = recordDeath(headers, EXPIRED)["x-death"];
  assert.equal(Array.isArray(deaths) && deaths.length, 16);
});

Deno.test("isAutomaticCycle() is true only while nobody rejected the message since", () => {
  const expired = recordDeath({}, EXPIRED);
  assert.equal(isAutomaticCycle(expired, "retry"), true);
  assert.equal(isAutomaticCycle(expired, "elsewhere"), false);
  assert.equal(isAutomaticCycle(recordDeath(expired, REJECTED), "retry"), false);
  assert.equal(isAutomaticCycle({}, "retry"), false);
});

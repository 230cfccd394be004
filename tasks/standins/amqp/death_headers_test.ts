import assert from "node:assert/strict";
import { type Death, recordDeath } from "./death_headers.ts";

const EXPIRED: Death = {
  reason: "expired",
  queue: "retry",
  exchange: "",
  routingKey: "retry",
  diedAtMs: 1_700_000_000_999,
};

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

import assert from "node:assert/strict";
import { type Death, recordDeath } from "./death_headers.ts";

const EXPIRED: Death = {
  reason: "expired",
  queue: "retry",
  exchange: "",
  routingKey: "retry",
  diedAtMs: 1_700_000_000_999,
};

Deno.test("recordDeath() dates a death, and survives an x-death that a client made up", () => {
  const { "x-death": deaths } = recordDeath({ "x-death": ["nonsense", 5] }, EXPIRED);
  const time = { "!": "timestamp", value: 1_700_000_000 };
  const { reason, queue, exchange } = EXPIRED;
  const death = { count: 1, reason, queue, time, exchange, "routing-keys": ["retry"] };
  assert.deepEqual(deaths, [death]);
});

Deno.test("recordDeath() remembers no more than 16 deaths", () => {
  let headers = {};
  for (let index = 0; index < 40; index++) {
    headers = recordDeath(headers, { ...EXPIRED, queue: `q${index}` });
  }
  const deaths = recordDeath(headers, EXPIRED)["x-death"];
  assert.equal(Array.isArray(deaths) && deaths.length, 16);
});

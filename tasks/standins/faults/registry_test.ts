import { deepEqual, equal, ok } from "node:assert/strict";
import { mock } from "node:test";
import { definitionOf, FAULT_NAMES } from "./catalogue.ts";
import { FAULT_PARTS } from "./fault.ts";
import { Faults } from "./registry.ts";

const START_MS = 1_000_000;

/** Runs a test with a mocked clock and with random numbers of 0.5. */
function faultTest(name: string, run: (faults: Faults) => void | Promise<void>): void {
  Deno.test(name, async () => {
    mock.timers.enable({ apis: ["setTimeout", "Date"], now: START_MS });
    mock.method(Math, "random", () => 0.5);
    try {
      using faults = new Faults();
      await run(faults);
    } finally {
      mock.reset();
      mock.timers.reset();
    }
  });
}

faultTest(
  "definitionOf() has a part, one line of explanation, and a default that fits",
  (faults) => {
    for (const name of FAULT_NAMES) {
      const { part, explanation } = definitionOf(name);
      ok(FAULT_PARTS.includes(part));
      ok(explanation.length <= 90 && !explanation.includes("\n"), `${name}: ${explanation}`);
      equal(faults.set(name).ok, true, name);
    }
  },
);

faultTest("hit() strikes only while the fault is on, and counts; valueOf() does not", (faults) => {
  equal(faults.hit("smtp.reply"), undefined);
  faults.set("smtp.reply", { value: "452" });
  equal(faults.valueOf("smtp.reply"), "452");
  deepEqual([faults.hit("smtp.reply"), faults.hit("smtp.reply")], ["452", "452"]);
  equal(faults.describe("smtp.reply").active?.hitCount, 2);
  faults.clear("smtp.reply");
  equal(faults.hit("smtp.reply"), undefined);
});

faultTest("hit() returns a number for an integer, true where there is no parameter", (faults) => {
  faults.set("smtp.delay", { value: "70" });
  faults.set("rabbitmq.nack");
  deepEqual([faults.hit("smtp.delay"), faults.hit("rabbitmq.nack")], [70, true]);
});

faultTest("hit() strikes as often as the probability says", (faults) => {
  const rolls = [0.29, 0.3, 0.31, 0.0, 0.99, 0.0];
  mock.method(Math, "random", () => rolls.shift());
  faults.set("rabbitmq.nack", { probability: 0.3 });
  const struck = Array.from({ length: 5 }, () => faults.hit("rabbitmq.nack") ?? false);
  deepEqual(struck, [true, false, false, true, false]);
  equal(faults.describe("rabbitmq.nack").active?.hitCount, 2);
  faults.set("rabbitmq.nack", { probability: 0 });
  equal(faults.hit("rabbitmq.nack"), undefined);
});

faultTest("set() ends the fault after its time", (faults) => {
  faults.set("rabbitmq.nack", { forMs: 1_000 });
  equal(faults.describe("rabbitmq.nack").active?.endsAt, new Date(START_MS + 1_000).toISOString());
  mock.timers.tick(999);
  equal(faults.hit("rabbitmq.nack"), true);
  mock.timers.tick(1);
  equal(faults.hit("rabbitmq.nack"), undefined);
  equal(faults.describe("rabbitmq.nack").active, null);
});

faultTest("set() again restarts count, value and time", (faults) => {
  faults.set("smtp.reply", { forMs: 1_000 });
  faults.hit("smtp.reply");
  faults.set("smtp.reply", { value: "554", probability: 0.9 });
  mock.timers.tick(2_000);
  deepEqual(faults.describe("smtp.reply").active, {
    value: "554",
    probability: 0.9,
    endsAt: null,
    hitCount: 0,
  });
});

Deno.test("list() has the faults of the running parts", () => {
  const faults = new Faults(["mongodb", "zipkin"]);
  deepEqual([...new Set(faults.list().map(({ part }) => part))], ["mongodb", "zipkin"]);
  deepEqual([faults.has("mongodb.down"), faults.has("smtp.reply")], [true, false]);
  equal(new Faults().list().length, FAULT_NAMES.length);
});

faultTest("onChange() reports each change and nothing else", (faults) => {
  const changes: string[] = [];
  const unsubscribe = faults.onChange((name) => changes.push(name));
  faults.clear("zipkin.hang");
  faults.set("zipkin.hang");
  faults.set("zipkin.hang", { value: "x" });
  faults.clear("zipkin.hang");
  faults.set("mongodb.down", { forMs: 10 });
  mock.timers.tick(10);
  faults.set("rabbitmq.nack");
  faults.clearAll();
  deepEqual(changes, [
    "zipkin.hang",
    "zipkin.hang",
    "mongodb.down",
    "mongodb.down",
    "rabbitmq.nack",
    "rabbitmq.nack",
  ]);
  unsubscribe();
  faults.set("zipkin.hang");
  equal(changes.length, 6);
});

faultTest("applied settles when every change has taken effect", async (faults) => {
  const effects = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const waiting = effects.map(({ promise }) => promise);
  faults.onChange(() => waiting.shift());
  faults.set("zipkin.hang");
  faults.clear("zipkin.hang");
  let isApplied = false;
  const applied = faults.applied.then(() => isApplied = true);
  effects[1].resolve();
  await effects[1].promise;
  equal(isApplied, false);
  effects[0].resolve();
  equal(await applied, true);
});

const ENDS: Readonly<Record<string, (faults: Faults, owner: AbortController) => unknown>> = {
  "its time is over": () => mock.timers.tick(100),
  "the fault is cleared": (faults) => faults.clear("smtp.delay"),
  "all faults end": (faults) => faults[Symbol.dispose](),
  "its owner stops": (_faults, owner) => owner.abort(),
};
for (const [ending, end] of Object.entries(ENDS)) {
  faultTest(`holdUp() lets go when ${ending}`, async (faults) => {
    const owner = new AbortController();
    equal(faults.holdUp("smtp.delay"), undefined);
    faults.set("smtp.delay", { value: "100" });
    equal(faults.holdUp("smtp.delay", AbortSignal.abort()), undefined);
    let isOver = false;
    const held = faults.holdUp("smtp.delay", owner.signal)?.then(() => isOver = true);
    ok(held !== undefined);
    mock.timers.tick(99);
    // Another change, or the same fault again, does not release it.
    faults.set("zipkin.hang");
    faults.set("smtp.delay", { value: "5000" });
    await Promise.resolve();
    equal(isOver, false);
    end(faults, owner);
    await held;
  });
}

faultTest("holdUp() holds up for ever where there is no time", async (faults) => {
  faults.set("zipkin.hang");
  let isOver = false;
  const held = faults.holdUp("zipkin.hang")?.then(() => isOver = true);
  mock.timers.tick(1_000_000_000);
  await Promise.resolve();
  equal(isOver, false);
  faults.clear("zipkin.hang");
  await held;
});

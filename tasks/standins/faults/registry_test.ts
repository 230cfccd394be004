import { deepEqual, equal, ok } from "node:assert/strict";
import { definitionOf, FAULT_NAMES } from "./catalogue.ts";
import { FAULT_PARTS } from "./fault.ts";
import { Faults, type FaultsOptions } from "./registry.ts";

/** A clock that stands still until it is moved. */
class FakeClock {
  #nowMs = 1_000_000;
  #timers: readonly { readonly atMs: number; readonly callback: () => void }[] = [];

  readonly now = (): number => this.#nowMs;

  readonly schedule = (callback: () => void, delayMs: number): () => void => {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers = [...this.#timers, timer];
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  };

  get timerCount(): number {
    return this.#timers.length;
  }

  advance(durationMs: number, options: { readonly timersAreLate?: boolean } = {}): void {
    this.#nowMs += durationMs;
    if (options.timersAreLate) return;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { callback } of due) callback();
  }
}

function bench(options: FaultsOptions = {}) {
  const clock = new FakeClock();
  return { clock, faults: new Faults({ clock, random: () => 0.5, ...options }) };
}

const NEVER = new AbortController().signal;

Deno.test("definitionOf() has a part, one line of explanation, and a default that fits", () => {
  const { faults } = bench();
  for (const name of FAULT_NAMES) {
    const { part, explanation } = definitionOf(name);
    ok(FAULT_PARTS.includes(part));
    ok(explanation.length <= 90 && !explanation.includes("\n"), `${name}: ${explanation}`);
    equal(faults.set(name).ok, true, name);
  }
});

Deno.test("hit() strikes only while the fault is on, and counts", () => {
  const { faults } = bench();
  equal(faults.hit("smtp.reply"), undefined);
  faults.set("smtp.reply", { value: "452" });
  deepEqual([faults.hit("smtp.reply"), faults.hit("smtp.reply")], ["452", "452"]);
  equal(faults.describe("smtp.reply").active?.hitCount, 2);
  faults.clear("smtp.reply");
  equal(faults.hit("smtp.reply"), undefined);
});

Deno.test("hit() returns a number for an integer, true where there is no parameter", () => {
  const { faults } = bench();
  faults.set("smtp.delay", { value: "70" });
  faults.set("rabbitmq.nack");
  deepEqual([faults.hit("smtp.delay"), faults.hit("rabbitmq.nack")], [70, true]);
});

Deno.test("hit() strikes as often as the probability says", () => {
  const rolls = [0.29, 0.3, 0.31, 0.0, 0.99];
  const { faults } = bench({ random: () => rolls.shift() ?? 1 });
  faults.set("rabbitmq.nack", { probability: 0.3 });
  const struck = Array.from({ length: 5 }, () => faults.hit("rabbitmq.nack") ?? false);
  deepEqual(struck, [true, false, false, true, false]);
  equal(faults.describe("rabbitmq.nack").active?.hitCount, 2);
  const never = bench({ random: () => 0 }).faults;
  never.set("rabbitmq.nack", { probability: 0 });
  equal(never.hit("rabbitmq.nack"), undefined);
});

Deno.test("valueOf() throws no dice and counts nothing", () => {
  const { faults } = bench({ random: () => 0.99 });
  faults.set("smtp.rate-limit", { probability: 0.1, value: "3" });
  equal(faults.valueOf("smtp.rate-limit"), 3);
  equal(faults.describe("smtp.rate-limit").active?.hitCount, 0);
});

Deno.test("set() ends the fault after its time, even if the timer is late", () => {
  for (const timersAreLate of [false, true]) {
    const { faults, clock } = bench();
    faults.set("rabbitmq.nack", { forMs: 1_000 });
    equal(faults.describe("rabbitmq.nack").active?.endsAt, new Date(1_001_000).toISOString());
    clock.advance(999, { timersAreLate });
    equal(faults.hit("rabbitmq.nack"), true);
    clock.advance(1, { timersAreLate });
    equal(faults.hit("rabbitmq.nack"), undefined);
    equal(faults.describe("rabbitmq.nack").active, null);
  }
});

Deno.test("set() again starts anew: count, value and time", () => {
  const { faults, clock } = bench();
  faults.set("smtp.reply", { forMs: 1_000 });
  faults.hit("smtp.reply");
  faults.set("smtp.reply", { value: "554", probability: 0.9 });
  clock.advance(2_000);
  deepEqual(faults.describe("smtp.reply").active, {
    value: "554",
    probability: 0.9,
    endsAt: null,
    hitCount: 0,
  });
  equal(clock.timerCount, 0);
});

Deno.test("set() leaves things as they are when the setting is wrong", () => {
  const { faults } = bench();
  faults.set("smtp.reply", { value: "452" });
  equal(faults.set("smtp.reply", { value: "200" }).ok, false);
  equal(faults.valueOf("smtp.reply"), "452");
});

Deno.test("list() has the faults of the parts that are there", () => {
  const { faults } = bench({ parts: ["mongodb", "zipkin"] });
  deepEqual([...new Set(faults.list().map(({ part }) => part))], ["mongodb", "zipkin"]);
  deepEqual([faults.has("mongodb.down"), faults.has("smtp.reply")], [true, false]);
  equal(bench().faults.list().length, FAULT_NAMES.length);
});

Deno.test("onChange() tells of each change and of nothing else", () => {
  const { faults, clock } = bench();
  const changes: string[] = [];
  const unsubscribe = faults.onChange((name) => changes.push(name));
  faults.clear("zipkin.hang");
  faults.set("zipkin.hang");
  faults.set("zipkin.hang", { probability: 3 });
  faults.clear("zipkin.hang");
  faults.set("mongodb.down", { forMs: 10 });
  clock.advance(10);
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

Deno.test("holdUp() holds nothing up while the fault is off, or its owner stops", () => {
  const { faults } = bench();
  equal(faults.holdUp("smtp.delay", NEVER), undefined);
  faults.set("smtp.delay");
  equal(faults.holdUp("smtp.delay", AbortSignal.abort()), undefined);
});

for (
  const [ending, end] of [
    ["its time is over", ({ clock }) => clock.advance(100)],
    ["the fault is cleared", ({ faults }) => faults.clear("smtp.delay")],
    ["all faults end", ({ faults }) => faults[Symbol.dispose]()],
    ["its owner stops", ({ stop }) => stop.abort()],
  ] as const satisfies readonly (readonly [
    string,
    (parts: ReturnType<typeof bench> & { readonly stop: AbortController }) => unknown,
  ])[]
) {
  Deno.test(`holdUp() lets go when ${ending}`, async () => {
    const { faults, clock } = bench();
    const stop = new AbortController();
    faults.set("smtp.delay", { value: "100" });
    let isOver = false;
    const held = faults.holdUp("smtp.delay", stop.signal)?.then(() => isOver = true);
    ok(held !== undefined);
    clock.advance(99);
    // Another change, or the same fault again, is no reason to let go.
    faults.set("zipkin.hang");
    faults.set("smtp.delay", { value: "5000" });
    await Promise.resolve();
    equal(isOver, false);
    end({ faults, clock, stop });
    await held;
    equal(clock.timerCount, 0);
  });
}

Deno.test("holdUp() holds up for ever where there is no time", async () => {
  const { faults, clock } = bench();
  faults.set("zipkin.hang");
  let isOver = false;
  const held = faults.holdUp("zipkin.hang", NEVER)?.then(() => isOver = true);
  clock.advance(1_000_000_000);
  await Promise.resolve();
  equal(isOver, false);
  faults.clear("zipkin.hang");
  await held;
});

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  archived,
  firstAttempt,
  inTrace,
  ofEmail,
  scheduled,
  START_MS,
} from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { CollectorIndex, type CollectorIndexOptions } from "./collector_index.ts";

const traceIdOf = (number: number) => String(number).padStart(32, "a");

/** An email that is archived, unless it is on its way; its number is its second. */
function email(number: number, isArchived = true) {
  const spans = firstAttempt("delivered");
  return inTrace(
    traceIdOf(number),
    ofEmail(number, isArchived ? [...spans, archived({ atMs: 200 })] : spans),
    number * 1_000,
  );
}

function startIndex(options: Partial<CollectorIndexOptions> = {}) {
  const collector = new FakeCollector();
  let nowMs = START_MS + 3_600_000;
  const index = new CollectorIndex({
    patienceMs: 60_000,
    ...options,
    api: collector.api,
    now: () => nowMs,
  });
  return {
    collector,
    index,
    /** Advances the clock and refreshes; returns the questions. */
    async refresh(afterMs = 20_000): Promise<readonly URL[]> {
      nowMs += afterMs;
      const before = collector.asked.length;
      await index.refresh();
      return collector.asked.slice(before);
    },
    /** The numbers of the known emails, the latest first. */
    get known(): readonly number[] {
      return index.traces.map(({ traceId }) => Number(traceId.replaceAll("a", "")));
    },
    get states(): readonly string[] {
      return index.traces.flatMap(({ emails }) => emails).map(({ summary }) => summary.state.name);
    },
  };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

Deno.test("CollectorIndex reads all traces, each once, and then nothing while nothing changes", async () => {
  const system = startIndex();
  for (const number of range(600)) system.collector.add(email(number));
  await system.refresh();
  deepEqual(system.known, range(600).reverse());
  const { version, progress } = system.index;
  deepEqual([progress.readCount, progress.isComplete, progress.failure], [600, true, undefined]);
  ok(system.collector.asked.length <= 4, `${system.collector.asked}`);
  // Some are compared as well.
  for (let round = 0; round < 6; round++) equal((await system.refresh()).length, 2);
  equal(system.index.version, version);
});

Deno.test("CollectorIndex asks nothing while nobody asks, nor twice within a second", async () => {
  const system = startIndex();
  await system.refresh();
  deepEqual(await system.refresh(999), []);
  equal((await system.refresh(1)).length, 1);
});

Deno.test("CollectorIndex answers those who ask at once with one read", async () => {
  const { index, collector } = startIndex();
  collector.add(email(1));
  await Promise.all([index.refresh(), index.refresh(), index.refresh()]);
  equal(collector.asked.length, 1);
});

Deno.test("CollectorIndex finds a new trace in the middle of others", async () => {
  const system = startIndex();
  for (const number of range(300)) system.collector.add(email(number));
  await system.refresh();
  for (const number of range(70)) system.collector.add(email(3_590 + number));
  await system.refresh();
  equal(system.known.length, 370);
});

Deno.test("CollectorIndex notices the arrival of an email whose last span has an old time", async () => {
  const system = startIndex();
  system.collector.add(email(1, false));
  // Newer ones, as many as are read to find new traces.
  for (const number of range(60)) system.collector.add(email(3_000 + number));
  await system.refresh();
  equal(system.states.at(-1), "delivered");
  system.collector.add(inTrace(traceIdOf(1), ofEmail(1, [archived({ atMs: 200 })]), 1_000));
  // The longer nothing happens, the less often the collector is asked.
  await system.refresh(3_600_000 / 4);
  equal(system.states.at(-1), "archived");
});

Deno.test("CollectorIndex finds traces with a wrong clock after a while", async () => {
  const system = startIndex();
  for (const number of range(450)) system.collector.add(email(1_000 + number));
  await system.refresh();
  system.collector.add(email(1));
  for (let round = 0; round < 4; round++) await system.refresh();
  ok(system.known.includes(1));
});

Deno.test("CollectorIndex forgets what the collector forgets", async () => {
  const system = startIndex();
  for (const number of range(450)) system.collector.add(email(number));
  await system.refresh();
  system.collector.forget(...range(300).map(traceIdOf));
  for (let round = 0; round < 4; round++) await system.refresh();
  deepEqual(system.known, range(450).slice(300).reverse());
  system.collector.forget();
  await system.refresh();
  deepEqual(system.known, []);
  equal(system.index.progress.isComplete, true);
});

Deno.test("CollectorIndex keeps what it knows while the collector is away, and is unavailable without", async () => {
  const system = startIndex();
  const away = new Response("", { status: 503 });
  system.collector.failure = away;
  ok(await system.index.refresh());
  system.collector.failure = undefined;
  system.collector.add(email(1));
  await system.refresh();
  system.collector.failure = away;
  await system.refresh();
  deepEqual([system.known, await system.index.refresh()], [[1], undefined]);
  ok(system.index.progress.failure);
});

Deno.test("CollectorIndex continues where the collector failed", async () => {
  const system = startIndex();
  for (const number of range(600)) system.collector.add(email(number));
  system.collector.failAfter = 2;
  await system.refresh();
  const { readCount, isComplete } = system.index.progress;
  ok(readCount > 250 && !isComplete, `${readCount}`);
  await system.refresh();
  equal(system.known.length, 600);
});

Deno.test("CollectorIndex keeps the newest emails, and reads no older ones", async () => {
  const system = startIndex({ maxEmails: 300 });
  for (const number of range(2_000)) system.collector.add(email(number));
  const asked = await system.refresh();
  deepEqual(system.known, range(2_000).slice(-300).reverse());
  ok(asked.length <= 3, `${asked}`);
  for (let round = 0; round < 5; round++) ok((await system.refresh()).length <= 4);
  deepEqual(system.known, range(2_000).slice(-300).reverse());
});

Deno.test("CollectorIndex bounds calls and traces without emails too", async () => {
  const system = startIndex({ maxCalls: 100 });
  for (const number of range(2_000)) {
    system.collector.add([{ ...scheduled(), name: "get", traceId: traceIdOf(number) }]);
  }
  await system.refresh();
  equal(system.index.traces.length, 100);
});

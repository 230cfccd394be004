import { deepEqual, equal, ok } from "node:assert/strict";
import { scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { FakeTimer } from "../testing/fake_timer.ts";
import {
  describeEmailTrace,
  type EmailReader,
  type EmailsResult,
  type EmailTraceResult,
  NO_COLLECTOR,
} from "../trace_view/mod.ts";
import { CollectorFeed, type Subscription } from "./collector_feed.ts";
import { liveEvent } from "./outbox.ts";

const OTHER_TRACE_ID = "0".repeat(32);

/** A collector whose answers can be set, and which counts the questions. */
class FakeCollector implements EmailReader {
  emails: EmailsResult = { status: "found", emails: [] };
  readonly traces = new Map<string, EmailTraceResult>();
  readonly asked: string[] = [];
  /** How long an answer takes. */
  answer: () => Promise<void> = () => Promise.resolve();

  async recent(limit: number): Promise<EmailsResult> {
    this.asked.push(`recent ${limit}`);
    await this.answer();
    return this.emails;
  }

  trace(traceId: string): Promise<EmailTraceResult> {
    this.asked.push(traceId);
    return Promise.resolve(this.traces.get(traceId) ?? { status: "unknown" });
  }
}

function found(traceId: string, spanCount = 1): EmailTraceResult {
  const spans = Array.from({ length: spanCount }, (_, index) => scheduled({ atMs: index }));
  return { status: "found", trace: describeEmailTrace(traceId, spans, undefined) };
}

function start(collector: EmailReader, maxSubscribers = 10, maxTraceBytes = 1_000_000) {
  const clock = new FakeTimer();
  const feed = new CollectorFeed({
    reader: collector,
    timer: clock.timer,
    now: () => clock.nowMs,
    maxSubscribers,
    maxTraceBytes,
  });
  const subscribe = (traceId?: string): Subscription => {
    const result = feed.subscribe(traceId);
    if (result.status !== "subscribed") throw new Error(result.status);
    return result.subscription;
  };
  return { feed, clock, subscribe };
}

/** The names of the events that are there now, and what those of one name say. */
async function take({ outbox }: Subscription): Promise<Readonly<Record<string, unknown>>> {
  outbox.put(liveEvent("end", {}));
  const told: Record<string, unknown> = {};
  for (let event = await outbox.take(); event?.name !== "end"; event = await outbox.take()) {
    const [, data = ""] = new TextDecoder().decode(event?.bytes).split("\ndata: ");
    told[event?.name ?? ""] = JSON.parse(data);
  }
  return told;
}

const AVAILABLE = { status: "available" };

Deno.test("CollectorFeed asks nobody while nobody listens", async () => {
  const collector = new FakeCollector();
  const { clock, subscribe } = start(collector);
  await clock.advance(60_000);
  deepEqual(collector.asked, []);

  const subscription = subscribe();
  await clock.advance(0);
  equal(collector.asked.length, 1);
  subscription[Symbol.dispose]();
  deepEqual(clock.pendingMs, []);
  await clock.advance(60_000);
  equal(collector.asked.length, 1);
});

Deno.test("CollectorFeed tells a listener what there is, and later only what is new", async () => {
  const collector = new FakeCollector();
  const { clock, subscribe } = start(collector);
  using subscription = subscribe(TRACE_ID);
  await clock.advance(0);
  deepEqual(await take(subscription), { emails: { emails: [] }, collector: AVAILABLE });

  await clock.advance(1_000);
  deepEqual(await take(subscription), {});

  const trace = found(TRACE_ID);
  collector.traces.set(TRACE_ID, trace);
  await clock.advance(1_000);
  ok(trace.status === "found");
  deepEqual(await take(subscription), { trace: JSON.parse(JSON.stringify(trace.trace)) });
});

Deno.test("CollectorFeed asks once for all who listen, and tells each its own email", async () => {
  const collector = new FakeCollector();
  collector.traces.set(TRACE_ID, found(TRACE_ID)).set(OTHER_TRACE_ID, found(OTHER_TRACE_ID));
  const { clock, subscribe } = start(collector);
  using first = subscribe(TRACE_ID);
  using second = subscribe(TRACE_ID);
  using third = subscribe(OTHER_TRACE_ID);
  using fourth = subscribe();
  await clock.advance(0);

  deepEqual(collector.asked, ["recent 20", TRACE_ID, OTHER_TRACE_ID]);
  const traces = await Promise.all([first, second, third, fourth].map(take));
  deepEqual(
    traces.map(({ trace }) =>
      typeof trace === "object" && trace !== null && "traceId" in trace ? trace.traceId : undefined
    ),
    [TRACE_ID, TRACE_ID, OTHER_TRACE_ID, undefined],
  );
});

Deno.test("CollectorFeed tells who comes later what the others know", async () => {
  const collector = new FakeCollector();
  collector.traces.set(TRACE_ID, found(TRACE_ID));
  const { clock, subscribe } = start(collector);
  using _first = subscribe(TRACE_ID);
  await clock.advance(0);
  using second = subscribe(TRACE_ID);
  deepEqual(Object.keys(await take(second)), ["collector", "emails", "trace"]);
  equal(collector.asked.length, 2);
});

Deno.test("CollectorFeed tells when the collector goes and comes back", async () => {
  const collector = new FakeCollector();
  const { clock, subscribe } = start(collector);
  using subscription = subscribe();
  await clock.advance(0);
  await take(subscription);

  collector.emails = { status: "unavailable", reason: "it answered 500" };
  await clock.advance(1_000);
  deepEqual(await take(subscription), { collector: collector.emails });
  collector.emails = { status: "found", emails: [] };
  await clock.advance(1_000);
  deepEqual(await take(subscription), { collector: AVAILABLE });
});

Deno.test("CollectorFeed says at the start that there is no collector", async () => {
  const clock = new FakeTimer();
  const now = () => clock.nowMs;
  using feed = new CollectorFeed({ reader: undefined, timer: clock.timer, now });
  const result = feed.subscribe();
  ok(result.status === "subscribed");
  await clock.advance(0);
  deepEqual(await take(result.subscription), {
    collector: {
      status: "unavailable",
      reason: NO_COLLECTOR,
    },
  });
});

Deno.test("CollectorFeed leaves a slow collector alone for longer", async () => {
  const collector = new FakeCollector();
  const { clock, subscribe } = start(collector);
  collector.answer = () => {
    clock.nowMs += 2_000;
    return Promise.resolve();
  };
  using _subscription = subscribe();
  await clock.advance(0);
  deepEqual(clock.pendingMs, [8_000]);

  collector.answer = () => {
    clock.nowMs += 10_000;
    return Promise.resolve();
  };
  await clock.advance(8_000);
  deepEqual(clock.pendingMs, [15_000]);
});

Deno.test("CollectorFeed goes on after a bug in a reader", async () => {
  const collector = new FakeCollector();
  const { clock, subscribe } = start(collector);
  collector.answer = () => Promise.reject(new TypeError("a bug"));
  using subscription = subscribe();
  await clock.advance(0);
  deepEqual(await take(subscription), {});
  collector.answer = () => Promise.resolve();
  await clock.advance(1_000);
  deepEqual(Object.keys(await take(subscription)), ["emails", "collector"]);
});

Deno.test("CollectorFeed does not look too often, however often somebody comes", async () => {
  const collector = new FakeCollector();
  const { clock, subscribe } = start(collector);
  for (let round = 0; round < 10; round++) {
    subscribe()[Symbol.dispose]();
    using _subscription = subscribe();
    await clock.advance(25);
  }
  ok(collector.asked.length <= 2, `${collector.asked.length} looks`);
});

Deno.test("CollectorFeed takes no more listeners than it may", () => {
  const { feed, subscribe } = start(new FakeCollector(), 2);
  const first = subscribe();
  using _second = subscribe();
  deepEqual(feed.subscribe(), { status: "full", maxSubscribers: 2 });
  first[Symbol.dispose]();
  equal(feed.subscribe().status, "subscribed");
  feed[Symbol.dispose]();
});

Deno.test("CollectorFeed drops who follows more than it has room for", async () => {
  const collector = new FakeCollector();
  collector.traces.set(TRACE_ID, found(TRACE_ID, 10)).set(OTHER_TRACE_ID, found(OTHER_TRACE_ID));
  const { feed, clock, subscribe } = start(collector, 10, 1_000);
  using long = subscribe(TRACE_ID);
  const other = subscribe(OTHER_TRACE_ID);
  using _none = subscribe();
  await clock.advance(0);
  equal(feed.subscriberCount, 2);
  ok("trace" in await take(long));
  equal(await other.outbox.take(), undefined);
});

Deno.test("CollectorFeed ends for all who listen, also in the middle of a look", async () => {
  const collector = new FakeCollector();
  const { feed, clock, subscribe } = start(collector);
  const { promise, resolve } = Promise.withResolvers<void>();
  collector.answer = () => promise;
  const { outbox } = subscribe();
  await clock.advance(0);
  feed[Symbol.dispose]();
  resolve();
  equal(await outbox.take(), undefined);
  await clock.advance(60_000);
  equal(collector.asked.length, 1);
  deepEqual(clock.pendingMs, []);
  deepEqual(feed.subscribe(), { status: "closed" });
  equal(feed.subscriberCount, 0);
});

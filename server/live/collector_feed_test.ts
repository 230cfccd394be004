import { deepEqual, equal, ok } from "node:assert/strict";
import { emailIdOf, scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { FakeTimer } from "../testing/fake_timer.ts";
import {
  describeEmailTrace,
  type EmailReader,
  type EmailsResult,
  emailTrace,
  type EmailTraceResult,
  NO_COLLECTOR,
} from "../trace_view/mod.ts";
import { CollectorFeed, type CollectorFeedOptions, type Subscription } from "./collector_feed.ts";
import { liveEvent } from "./outbox.ts";

const OTHER_TRACE_ID = "0".repeat(32);

/** A collector with settable answers, which records the questions. */
class FakeCollector implements EmailReader {
  emails: EmailsResult = { status: "found", emails: [] };
  readonly traces = new Map<string, EmailTraceResult>();
  readonly asked: string[] = [];
  answer: () => Promise<void> = () => Promise.resolve();

  async recent(limit: number): Promise<EmailsResult> {
    this.asked.push(`recent ${limit}`);
    await this.answer();
    return this.emails;
  }

  trace(traceId: string, emailId?: string): Promise<EmailTraceResult> {
    const key = emailId === undefined ? traceId : `${traceId}/${emailId}`;
    this.asked.push(key);
    return Promise.resolve(this.traces.get(key) ?? { status: "unknown" });
  }
}

function found(traceId: string, spanCount = 1): EmailTraceResult {
  const spans = Array.from({ length: spanCount }, (_, index) => scheduled({ atMs: index }));
  return { status: "found", trace: describeEmailTrace(traceId, { spans }, undefined) };
}

function start(options: Partial<CollectorFeedOptions> = {}) {
  const collector = new FakeCollector();
  const clock = new FakeTimer();
  const feed = new CollectorFeed({
    reader: collector,
    timer: clock.timer,
    now: () => clock.nowMs,
    ...options,
  });
  const subscribe = (traceId?: string, emailId?: string): Subscription => {
    const result = feed.subscribe(traceId, emailId);
    if (result.status !== "subscribed") throw new Error(result.status);
    return result.subscription;
  };
  return { collector, feed, clock, subscribe };
}

/** The names of the pending events, and the data of those of one name. */
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
  const { collector, clock, subscribe } = start();
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

Deno.test("CollectorFeed sends a subscriber the current state, and later only changes", async () => {
  const { collector, clock, subscribe } = start();
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

Deno.test("CollectorFeed counts the waiting emails, and does not wait for the broker", async () => {
  const lengths = new Map([["send-email", 3], ["send-email.retry.5s", 2], ["send-email.dead", 1]]);
  const answers = [
    Promise.resolve({ status: "found", lengths } as const),
    Promise.resolve({ status: "unavailable", reason: "gone" } as const),
  ];
  const { clock, subscribe } = start({
    reader: undefined,
    readQueues: () => answers.shift() ?? Promise.withResolvers<never>().promise,
  });
  using subscription = subscribe();
  const collector = { status: "unavailable", reason: NO_COLLECTOR };
  await clock.advance(0);
  deepEqual(await take(subscription), { collector, queues: { waitingCount: 5 } });
  await clock.advance(1_000);
  deepEqual(await take(subscription), { queues: {} });
  await clock.advance(1_000);
  using late = subscribe();
  deepEqual(await take(late), { collector, queues: {} });
});

Deno.test("CollectorFeed asks once for all subscribers, and sends each what it asked for", async () => {
  const { collector, clock, subscribe } = start();
  const emailKey = `${TRACE_ID}/${emailIdOf(1)}`;
  for (const [index, key] of [TRACE_ID, OTHER_TRACE_ID, emailKey].entries()) {
    collector.traces.set(key, found(key.slice(0, 32), index + 1));
  }
  using first = subscribe(TRACE_ID);
  using second = subscribe(TRACE_ID);
  using third = subscribe(OTHER_TRACE_ID);
  using fourth = subscribe(TRACE_ID, emailIdOf(1));
  using fifth = subscribe();
  await clock.advance(0);

  deepEqual(collector.asked, ["recent 20", TRACE_ID, OTHER_TRACE_ID, emailKey]);
  const told = await Promise.all([first, second, third, fourth, fifth].map(take));
  deepEqual(
    told.map(({ trace }) => {
      const { traceId, spans } = trace === undefined ? {} : emailTrace.parse(trace);
      return [traceId, spans?.length];
    }),
    [[TRACE_ID, 1], [TRACE_ID, 1], [OTHER_TRACE_ID, 2], [TRACE_ID, 3], [undefined, undefined]],
  );
});

Deno.test("CollectorFeed sends a later subscriber the known state", async () => {
  const { collector, clock, subscribe } = start();
  collector.traces.set(TRACE_ID, found(TRACE_ID));
  using _first = subscribe(TRACE_ID);
  await clock.advance(0);
  using second = subscribe(TRACE_ID);
  deepEqual(Object.keys(await take(second)), ["collector", "emails", "trace"]);
  equal(collector.asked.length, 2);
});

Deno.test("CollectorFeed reports when the collector fails and recovers", async () => {
  const { collector, clock, subscribe } = start();
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

Deno.test("CollectorFeed sends the other traces though two cannot be read", async () => {
  const { collector, clock, subscribe } = start();
  const slow = { status: "unavailable", reason: "the collector did not answer in time" } as const;
  collector.traces.set("1", slow).set("2", slow).set(TRACE_ID, found(TRACE_ID));
  using _first = subscribe("1");
  using _second = subscribe("2");
  using third = subscribe(TRACE_ID);
  await clock.advance(0);
  for (let count = 1; count <= 2; count++) await clock.advance(1_000);
  ok("trace" in await take(third));
});

Deno.test("CollectorFeed leaves a slow collector alone for longer", async () => {
  const { collector, clock, subscribe } = start();
  let tookMs = 2_000;
  collector.answer = () => {
    clock.nowMs += tookMs;
    return Promise.resolve();
  };
  using _subscription = subscribe();
  await clock.advance(0);
  deepEqual(clock.pendingMs, [8_000]);
  tookMs = 10_000;
  await clock.advance(8_000);
  deepEqual(clock.pendingMs, [15_000]);
});

Deno.test("CollectorFeed goes on after a bug in a reader", async () => {
  const { collector, clock, subscribe } = start();
  collector.answer = () => Promise.reject(new TypeError("a bug"));
  using subscription = subscribe();
  await clock.advance(0);
  deepEqual(await take(subscription), {});
  collector.answer = () => Promise.resolve();
  await clock.advance(1_000);
  deepEqual(Object.keys(await take(subscription)), ["emails", "collector"]);
});

Deno.test("CollectorFeed bounds its reads, however many subscribers arrive", async () => {
  const { collector, clock, subscribe } = start();
  for (let round = 0; round < 10; round++) {
    subscribe()[Symbol.dispose]();
    using _subscription = subscribe();
    await clock.advance(25);
  }
  ok(collector.asked.length <= 2, `${collector.asked.length} looks`);
});

Deno.test("CollectorFeed drops a subscriber that follows more than fits", async () => {
  const { collector, feed, clock, subscribe } = start({ maxTraceBytes: 1_000 });
  collector.traces.set(TRACE_ID, found(TRACE_ID, 10)).set(OTHER_TRACE_ID, found(OTHER_TRACE_ID));
  using long = subscribe(TRACE_ID);
  const other = subscribe(OTHER_TRACE_ID);
  using _none = subscribe();
  await clock.advance(0);
  equal(feed.subscriberCount, 2);
  ok("trace" in await take(long));
  equal(await other.outbox.take(), undefined);
});

Deno.test("CollectorFeed ends for all subscribers, even during a read", async () => {
  const { collector, feed, clock, subscribe } = start();
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
  equal(feed.subscribe().status, "refused");
  equal(feed.subscriberCount, 0);
});

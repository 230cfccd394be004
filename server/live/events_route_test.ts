import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { FakeTimer } from "../testing/fake_timer.ts";
import { problemOf, readerOf, startTestApp, type TestAppOptions } from "../testing/test_app.ts";

const FOUND = readerOf({ status: "found", spans: [scheduled()], omittedSpanCount: 0 });

/** An application with a mocked clock. */
function start(options: TestAppOptions = {}) {
  const clock = new FakeTimer();
  const { app: _, ...app } = startTestApp({ emails: FOUND, timer: clock.timer, ...options });
  return { ...app, clock };
}

/** The text of a stream after this many events and comments. */
async function readParts(response: Response, count: number): Promise<readonly string[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (reader !== undefined && text.split("\n\n").length <= count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  reader?.releaseLock();
  return text.split("\n\n").slice(0, count);
}

function eventsOf(parts: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(parts.map((part) => {
    const { name = "", data = "" } = part.match(/^event: (?<name>\w+)\ndata: (?<data>.*)$/)
      ?.groups ?? {};
    return [name, JSON.parse(data)];
  }));
}

Deno.test("GET /api/events sends the current state as server-sent events", async () => {
  await using app = start();
  const response = await app.request(`/api/events?trace=${TRACE_ID}`);
  equal(response.status, 200);
  match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  equal(response.headers.get("cache-control"), "no-store");
  equal(response.headers.get("x-accel-buffering"), "no");

  await app.clock.advance(0);
  const events = eventsOf((await readParts(response, 4)).slice(1));
  deepEqual(Object.keys(events), ["emails", "trace", "collector"]);
  deepEqual(events.emails, await (await app.request("/api/emails")).json());
  deepEqual(events.trace, await (await app.request(`/api/traces/${TRACE_ID}`)).json());
});

Deno.test("GET /api/events sends a comment at once, and every fifteen seconds", async () => {
  await using app = start({ emails: readerOf({ status: "unavailable", reason: "gone" }) });
  const response = await app.request("/api/events");
  await app.clock.advance(0);
  await app.clock.advance(15_000);
  const [first, second, third] = await readParts(response, 3);
  match(second ?? "", /^event: collector\n/);
  deepEqual([first, third], [": welcome", ": heartbeat"]);
});

Deno.test("GET /api/events drops a reader that does not read, and keeps one that does", async () => {
  await using app = start();
  const silent = await app.request("/api/events");
  const reading = await app.request("/api/events");
  const text = reading.text();
  await app.clock.advance(0);
  await app.clock.advance(15_000);
  equal(app.feed.subscriberCount, 2);
  await app.clock.advance(15_000);
  equal(app.feed.subscriberCount, 1);
  await rejects(silent.text(), /has taken nothing for too long/);
  app.feed[Symbol.dispose]();
  equal((await text).match(/^: heartbeat$/gm)?.length, 2);
});

Deno.test("GET /api/events ends when the server stops", async () => {
  await using app = start();
  const response = await app.request("/api/events");
  await app.clock.advance(0);
  app.feed[Symbol.dispose]();
  await response.text();
  deepEqual(app.clock.pendingMs, []);
  await problemOf(await app.request("/api/events"), 503);
});

Deno.test("GET /api/events forgets a listener that goes away", async () => {
  await using app = start();
  const response = await app.request("/api/events");
  await app.clock.advance(0);
  equal(app.feed.subscriberCount, 1);
  await response.body?.cancel();
  await app.clock.advance(0);
  equal(app.feed.subscriberCount, 0);
  deepEqual(app.clock.pendingMs, []);
});

Deno.test("GET /api/events answers 503 when too many streams are open", async () => {
  await using app = start({ maxSubscribers: 1 });
  const first = await app.request("/api/events");
  const second = await app.request("/api/events");
  match(second.headers.get("retry-after") ?? "", /^\d+$/);
  match((await problemOf(second, 503)).detail, /1 others are open/);
  await first.body?.cancel();
});

for (const query of ["trace=", `trace=${TRACE_ID}&email=1`]) {
  Deno.test(`GET /api/events?${query} answers 400`, async () => {
    await using app = start();
    await problemOf(await app.request(`/api/events?${query}`), 400);
  });
}

Deno.test("HEAD /api/events opens no stream, and neither does a GET without the token", async () => {
  await using app = start({ apiToken: "s3cret-t0ken" });
  await problemOf(await app.request("/api/events"), 401);
  const headers = { authorization: "Bearer s3cret-t0ken" };
  equal((await app.request("/api/events", { method: "HEAD", headers })).status, 405);
  equal(app.feed.subscriberCount, 0);
});

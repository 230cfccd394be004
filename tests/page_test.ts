import { deepEqual, equal, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { integrationTest } from "@playground/shared/testing";
import { formatDuration as formatForTerminal } from "@playground/shared/waterfall";
import { array, assert, constant, integer, oneof, property, record, string } from "fast-check";
import { ASSETS } from "../server/page/assets.ts";
import { describeState } from "../server/page/client/email_state.js";
import { createEventParser } from "../server/page/client/event_stream.js";
import { formatDuration } from "../server/page/client/format.js";
import { createTimeAxis } from "../server/page/client/time_axis.js";
import type * as page from "../server/page/client/types.ts";
import type { Fault } from "../tasks/standins/faults/fault.ts";

type Fits<Answer extends Read, Read> = Answer;
/** Does not compile when the control API no longer answers what the page reads. */
type _FaultFitsPage = Fits<Fault, page.Fault>;

/** What the browser has to load before anything moves. */
const MAX_SCRIPT_BYTES = 20_000;

const modules = ASSETS.filter(({ contentType }) => contentType === "text/javascript");

async function gzippedSize(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

Deno.test("the page's script is smaller than 20 kB, compressed and not minified", async () => {
  const size = await gzippedSize(modules.map(({ text }) => text).join("\n"));
  ok(size < MAX_SCRIPT_BYTES, `${size} bytes`);
});

Deno.test("the page's script puts nothing into the page as HTML and evaluates no text", () => {
  for (const { name, text } of modules) {
    equal(
      /\.(?:innerHTML|outerHTML)\s*=[^=]|insertAdjacentHTML|document\.write|\beval\b|new Function/
        .test(text),
      false,
      name,
    );
  }
});

integrationTest("the page's script has the types that its comments say", async () => {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check"],
    cwd: fileURLToPath(new URL("../server/page/client", import.meta.url)),
    env: { NO_COLOR: "1" },
  }).output();
  ok(success, new TextDecoder().decode(stderr));
});

Deno.test("formatDuration() of the page writes what the terminal writes", () => {
  const durations = oneof(integer({ min: 0, max: 100_000 }), integer({ min: 0, max: 1e12 }));
  assert(property(durations, (us) => equal(formatDuration(us), formatForTerminal(us))));
});

Deno.test("createEventParser() reads events however the stream is cut", () => {
  const stream = [
    ": heartbeat",
    "event: emails",
    'data: {"emails":[]}',
    "",
    "event:trace",
    'data: {"text":',
    'data: "a:b"}',
    "id: 7",
    "",
    "event: nothing",
    "",
    "data: 1",
    "",
    "",
  ];
  const lineEnds = oneof(...["\n", "\r\n"].map((lineEnd) => constant(lineEnd)));
  assert(property(lineEnds, array(integer({ min: 1, max: 9 })), (lineEnd, lengths) => {
    const events: unknown[] = [];
    const parse = createEventParser((name, data) => events.push([name, data]));
    let rest = stream.join(lineEnd);
    for (const length of lengths) {
      parse(rest.slice(0, length));
      rest = rest.slice(length);
    }
    parse(rest);
    deepEqual(events, [["emails", { emails: [] }], ["trace", { text: "a:b" }], ["message", 1]]);
  }));
});

const row = (fromUs: number, durationUs: number | null, wait?: page.Row["wait"]): page.Row => ({
  key: "",
  traceId: "",
  depth: 0,
  name: "",
  services: [],
  kinds: [],
  fromUs,
  durationUs,
  wait,
  tags: {},
});

Deno.test("createTimeAxis() leaves long waits out and keeps the order of time", () => {
  const axis = createTimeAxis([
    row(0, 20_000),
    row(20_000, 4_000_000, { fromUs: 30_000, toUs: 4_000_000 }),
  ]);
  deepEqual(axis.breaks, [{ fromUs: 30_000, toUs: 4_000_000 }]);
  equal(axis.totalUs, 4_020_000);
  ok(axis.at(30_000) > 0.4, "the work before the wait has room");
  equal(axis.at(axis.totalUs), 1);
});

Deno.test("createTimeAxis() stays within the picture for any rows", () => {
  const times = integer({ min: 0, max: 1e9 });
  const rows = array(
    record({ fromUs: times, durationUs: oneof(times, constant(null)) })
      .map(({ fromUs, durationUs }) => row(fromUs, durationUs)),
  );
  assert(property(rows, array(times), (rows, moments) => {
    const { at, totalUs } = createTimeAxis(rows);
    const places = [0, ...moments.toSorted((a, b) => a - b), totalUs + 1e9].map(at);
    places.forEach((place, index) => {
      ok(place >= 0 && place <= 1, String(place));
      ok(index === 0 || place >= (places[index - 1] ?? 0) - 1e-9, "later is further to the right");
    });
  }));
});

Deno.test("describeState() counts the retries, not the attempts, and the seconds down", () => {
  const now = Date.UTC(2026, 0, 1);
  const { titleAt, explanation, isCounting } = describeState({
    name: "retrying",
    attempt: 2,
    maxAttempts: 6,
    nextAttemptAt: new Date(now + 11_400).toISOString(),
    reason: "451 try later",
  });
  equal(titleAt(now), "Retry 2 of 5 in 12 s");
  equal(titleAt(now + 12_000), "Retry 2 of 5 is due");
  equal(explanation, "451 try later");
  ok(isCounting);
});

Deno.test("describeState() has an icon and words for each state", () => {
  const states: readonly page.EmailState[] = [
    { name: "accepted" },
    { name: "queued" },
    { name: "sending", attempt: 1 },
    { name: "retrying", attempt: 1, reason: "451" },
    { name: "delivered", followed: true },
    { name: "delivered", followed: false },
    { name: "archived" },
    { name: "dead-lettered", reason: "550" },
    { name: "refused", reason: "422" },
  ];
  for (const state of states) {
    const { icon, titleAt, explanation } = describeState(state);
    equal([...icon].length, 1);
    match(titleAt(0), /^[A-Z]/);
    ok(explanation.length > 0);
  }
});

Deno.test("createEventParser() passes on what a server says without understanding it", () => {
  assert(property(string(), (text) => {
    const events: unknown[] = [];
    createEventParser((...event) => events.push(event))(
      `event: trace\ndata: ${JSON.stringify({ text })}\n\n`,
    );
    deepEqual(events, [["trace", { text }]]);
  }));
});

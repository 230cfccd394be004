/**
 * The page's script without a browser: its size and its modules. What needs a browser is in `browser/`.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { array, assert, constant, integer, oneof, property, string } from "fast-check";
import { ASSETS } from "../../server/page/assets.ts";
import { describeState } from "../../server/page/client/email_state.js";
import { createApi } from "../../server/page/client/api.js";
import { createEventParser, followEvents } from "../../server/page/client/event_stream.js";
import { formatCount, formatWay } from "../../server/page/client/format.js";
import { withoutNoise } from "../../server/page/client/quiet_html.js";
import type * as page from "../../server/page/client/types.ts";
import type { Fault } from "@playground/tasks/faults";

type Fits<Answer extends Read, Read> = Answer;
/** Does not compile when the control API no longer answers what the page reads. */
type _FaultFitsPage = Fits<Fault, page.Fault>;

/** What the browser has to load before anything moves. */
const MAX_SCRIPT_BYTES = 60_000;

const modules = ASSETS.filter(({ contentType }) => contentType === "text/javascript");

async function gzippedSize(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

Deno.test("the page's script is smaller than 60 kB, compressed", async () => {
  const size = await gzippedSize(modules.map(({ text }) => text).join("\n"));
  ok(size < MAX_SCRIPT_BYTES, `${size} bytes`);
});

Deno.test("the page's script puts nothing into the page as HTML and evaluates no text", () => {
  for (const { name, text } of modules) {
    if (name.startsWith("lib/")) continue;
    equal(
      /dangerouslySetInnerHTML|\.(?:innerHTML|outerHTML)\s*=[^=]|insertAdjacentHTML|document\.write|\beval\b|new Function/
        .test(text),
      false,
      name,
    );
  }
});

Deno.test("formatCount() tells how many spans are left out", () => {
  deepEqual([formatCount(9, 0), formatCount(1_000, 345)], ["9 spans", "1000 spans and 345 more"]);
});

Deno.test("formatWay() does not write that a wait took no time at all", () => {
  deepEqual([0, 1, 2_000].map(formatWay), ["< 1 ms", "1 µs", "2.0 ms"]);
});

const keepTitles = (_element: string, attribute: string) => attribute === "title";

Deno.test("withoutNoise() takes out scripts, styles and the attributes that nobody reads", () => {
  equal(
    withoutNoise(
      `<p onclick="a>b" TITLE='c>d' style=x title=e>text</P><Script src=f>g<p></script ><style>h</style>` +
        `<br/><constructor x=1>3 < 4 <a title="i"`,
      keepTitles,
    ),
    `<p TITLE='c>d' title=e>text</P></script ></style><br><constructor>3 < 4 <a title="i"`,
  );
});

Deno.test("withoutNoise() is done at once with a text that is made to keep it busy", () => {
  const texts = [
    "<script ",
    "<style>",
    "<a",
    "<a ",
    "<a x",
    "<a x=",
    '<a x="',
    "<a x='\"",
    "</script",
    "<script></script",
    "<a >",
    "<a / ",
    `<a${" ".repeat(100)}=`,
  ];
  for (const text of texts) {
    const startedAt = performance.now();
    withoutNoise(text.repeat(Math.ceil(1_000_000 / text.length)), keepTitles);
    const tookMs = performance.now() - startedAt;
    ok(tookMs < 2_000, `${text}: ${tookMs} ms`);
  }
});

/** A server that answers each request in the same way, and a client of it. */
function serve(answer: (request: Request) => Response | Promise<Response>, timeLimitMs?: number) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    api: createApi(() => Promise.resolve("token"), timeLimitMs),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

integrationTest(
  "createApi() tells an answer that is not JSON from a server that is away",
  async () => {
    let url;
    {
      await using there = serve(() => new Response("<h1>A proxy</h1>"));
      url = there.url;
      const answer = await there.api.call(url);
      match(answer.ok ? "" : answer.problem.detail, /^Cannot read the answer: it is not JSON; /);
    }
    const answer = await createApi(() => Promise.resolve("token")).call(url);
    match(answer.ok ? "" : answer.problem.detail, /^Cannot reach the message server; /);
  },
);

integrationTest("createApi() waits for an answer for a while only", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using there = serve(() => promise, 50);
  const answer = await there.api.call(there.url);
  match(answer.ok ? "" : answer.problem.detail, /no answer within 0\.05 s; try again$/);
  resolve(new Response());
});

integrationTest(
  "createApi() lets a bug of who asks for the token through, and asks again",
  async () => {
    await using there = serve((request) =>
      new Response("{}", { status: request.headers.has("authorization") ? 200 : 401 })
    );
    const bug = new TypeError("a bug");
    let askedCount = 0;
    const { call } = createApi(() =>
      ++askedCount === 1 ? Promise.reject(bug) : Promise.resolve("token")
    );
    await rejects(call(there.url), bug);
    equal((await call(there.url)).ok, true);
    sessionStorage.clear();
  },
);

integrationTest("followEvents() reports a bug of who listens as a bug, and goes on", async () => {
  await using there = serve(() =>
    new Response("event: first\ndata: 1\n\nevent: second\ndata: 2\n\n")
  );
  const reported: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", onError);
  const following = new AbortController();
  const names: string[] = [];
  const bug = new TypeError("a bug");
  const reasons: string[] = [];
  await followEvents(there.api, there.url, {
    onEvent: (name: string) => {
      names.push(name);
      if (name === "first") throw bug;
    },
    onConnection: (connection: { readonly isOpen: boolean; readonly reason?: string }) => {
      if (connection.isOpen) return;
      reasons.push(connection.reason ?? "");
      following.abort();
    },
  }, following.signal);
  globalThis.removeEventListener("error", onError);
  deepEqual(names, ["first", "second"]);
  deepEqual(reported, [bug]);
  deepEqual(reasons, ["the stream ended"]);
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

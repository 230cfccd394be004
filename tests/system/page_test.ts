/**
 * The page's script without a browser: its size and its modules. What needs a browser is in `browser/`.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { integrationTest, serveLocally, threadMs } from "@playground/shared/testing";
import { array, assert, integer, property, string } from "fast-check";
import { ASSETS, FIRST_SCRIPTS } from "../../server/page/assets.ts";
import { describeState, describeTrace } from "../../server/page/client/email_state.js";
import { EXAMPLE } from "../../server/page/example.ts";
import { isIconName } from "../../server/page/client/icons.js";
import { legsOf, momentAt } from "../../server/page/client/legs.js";
import { VERBS } from "../../server/page/client/parties.js";
import { createApi } from "../../server/page/client/api.js";
import { createEventParser, followEvents } from "../../server/page/client/event_stream.js";
import { formatCount, formatWay } from "../../server/page/client/format.js";
import { withoutNoise } from "../../server/page/client/quiet_html.js";
import type * as page from "../../server/page/client/types.ts";
import type { Fault } from "@playground/tasks/faults";
import type { GivenLesson } from "../../tasks/lesson/classroom.ts";
import type { MysteryView } from "../../tasks/mystery/mystery.ts";

type Fits<Answer extends Read, Read> = Answer;
/** Does not compile when the control API no longer answers what the page reads. */
type _FaultFitsPage = Fits<Fault, page.Fault>;
type _LessonFitsPage = Fits<GivenLesson, page.GivenLesson>;
type _MysteryFitsPage = Fits<MysteryView, page.MysteryView>;

/** What the browser must load before the first interaction. */
const MAX_SCRIPT_BYTES = 60_000;

const modules = ASSETS.filter(({ contentType }) => contentType === "text/javascript");

async function gzippedSize(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

Deno.test("the page's script is smaller than 60 kB, compressed", async () => {
  const size = await gzippedSize(FIRST_SCRIPTS.map(({ text }) => text).join("\n"));
  ok(size < MAX_SCRIPT_BYTES, `${size} bytes`);
  const names = FIRST_SCRIPTS.map(({ name }) => name);
  ok(names.includes("waterfall.js") && !names.includes("explore.js"));
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

Deno.test("formatCount() says how many spans are left out", () => {
  deepEqual(
    [formatCount(1, 0), formatCount(9, 0), formatCount(1_000, 345)],
    ["1 span", "9 spans", "1,000 spans and 345 more"],
  );
});

Deno.test("formatWay() never writes that a wait took no time", () => {
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
    const startedAt = threadMs();
    withoutNoise(text.repeat(Math.ceil(1_000_000 / text.length)), keepTitles);
    const tookMs = threadMs() - startedAt;
    ok(tookMs < 2_000, `${text}: ${tookMs} ms`);
  }
});

/** A server that answers each request in the same way, and a client of it. */
function serve(answer: (request: Request) => Response | Promise<Response>, timeLimitMs?: number) {
  const api = createApi(() => Promise.resolve("token"), timeLimitMs);
  return { ...serveLocally(answer), api };
}

integrationTest("createApi() says why it has no answer", async () => {
  const problemAt = async ({ api, url }: ReturnType<typeof serve>) => {
    const answer = await api.call(url);
    return answer.ok ? "" : answer.problem.detail;
  };
  let there;
  {
    await using proxy = there = serve(() => new Response("<h1>A proxy</h1>"));
    match(await problemAt(proxy), /^Cannot read the answer: it is not JSON; /);
  }
  match(await problemAt(there), /^Cannot reach the message server; /);
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using silent = serve(() => promise, 50);
  match(await problemAt(silent), /no answer within 0\.05 s; try again$/);
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
  const onEvent = (name: string) => {
    names.push(name);
    if (name === "first") throw bug;
  };
  const onEnd = (reason: string) => {
    reasons.push(reason);
    following.abort();
  };
  await followEvents(there.api, there.url, onEvent, onEnd, following.signal);
  globalThis.removeEventListener("error", onError);
  deepEqual(names, ["first", "second"]);
  deepEqual(reported, [bug]);
  deepEqual(reasons, ["the stream ended"]);
});

Deno.test("createEventParser() reads events whatever they say, however the stream is cut", () => {
  const streamOf = (text: string) =>
    [
      ": welcome",
      'event: emails\ndata: {"emails":[]}',
      ": heartbeat",
      // A line of Unicode does not end one of the stream.
      `event: trace\ndata: ${JSON.stringify({ text: `${text}\u2028` })}`,
      "",
    ].join("\n\n");
  assert(property(array(integer({ min: 1, max: 9 })), string(), (lengths, text) => {
    const events: unknown[] = [];
    const parse = createEventParser((name, data) => events.push([name, data]));
    let rest = streamOf(text);
    for (const length of lengths) {
      parse(rest.slice(0, length));
      rest = rest.slice(length);
    }
    parse(rest);
    deepEqual(events, [["emails", { emails: [] }], ["trace", { text: `${text}\u2028` }]]);
  }));
});

Deno.test("describeState() says how long an email waits, for which attempt, and why", () => {
  const { title, explanation, reason, tone } = describeState(
    { name: "retrying", attempt: 3, maxAttempts: 6, reason: "451 try later" },
    "30 s",
  );
  deepEqual([title, explanation, reason, tone], [
    "Waits 30 s before attempt 4",
    "Attempt 3 of 6 failed",
    "451 try later",
    "wait",
  ]);
});

Deno.test("describeState() has a shape and words for each state, no two alike", () => {
  const states: readonly page.EmailState[] = [
    { name: "accepted" },
    { name: "queued" },
    { name: "sending", attempt: 1 },
    { name: "retrying", attempt: 1, reason: "451" },
    { name: "delivered", followed: true },
    { name: "archived" },
    { name: "dead-lettered", reason: "550" },
    { name: "refused", reason: "422" },
  ];
  const words = states.map((state) => describeState(state));
  equal(new Set(words.map(({ title }) => title)).size, states.length);
  for (const { icon, explanation } of words) ok(isIconName(icon) && explanation.length > 0);
});

Deno.test("describeTrace() takes no mail that cannot be fetched or stored for calmly delivered", () => {
  const state = { name: "delivered", followed: true } as const;
  const tones = ["next poll", "store"].map((verb) => {
    const edges = EXAMPLE.diagram.edges.map((edge, way) =>
      VERBS[way] === verb ? { ...edge, state: "failed" as const, error: "500 away" } : edge
    );
    const { title, tone, reason } = describeTrace({
      state,
      diagram: { ...EXAMPLE.diagram, edges },
    });
    return [title, tone, reason];
  });
  deepEqual(tones, Array(2).fill(["Delivered, not archived", "fail", "500 away"]));
});

const momentOfExample = (us: number) => momentAt(EXAMPLE, legsOf(EXAMPLE.rows), us);

Deno.test("momentAt() places an email where it was at each moment", () => {
  const seconds = [0.005, 0.015, 0.1, 0.7, 20, 36.27, 38, 39.74];
  deepEqual(
    seconds.map((second) => {
      const { state, place } = momentOfExample(second * 1e6);
      return [state.name, place?.track, Math.floor(place?.at ?? -1)];
    }),
    [
      ["accepted", "way", 0],
      ["accepted", "way", 1],
      ["sending", "way", 3],
      ["retrying", "retry", 0],
      ["retrying", "retry", 0],
      ["sending", "way", 3],
      ["delivered", "way", 4],
      ["delivered", "way", 5],
    ],
  );
});

Deno.test("momentAt() fills the current wait, and says how long it still lasts", () => {
  const { pills, retryLeftUs, diagram } = momentOfExample(21_262_437);
  deepEqual(pills.map(({ label, isCurrent }) => [label, isCurrent]), [
    ["1 s", false],
    ["5 s", false],
    ["30 s", true],
  ]);
  ok(Math.abs((pills[2]?.part ?? 0) - 0.5) < 0.01);
  equal(retryLeftUs, 15_000_000);
  deepEqual(diagram.nodes.map(({ state }) => state), [
    "done",
    "done",
    "active",
    "done",
    "failed",
    "idle",
    "idle",
  ]);
  equal(diagram.edges[3]?.attemptCount, 3);
});

Deno.test("momentAt() lets an email that was received at once pass the queue, too", () => {
  const rows = EXAMPLE.rows.map(({ wait, ...row }) =>
    wait === undefined || row.name === "amqp-publish" ? row : { ...row, wait }
  );
  const { diagram } = momentAt(EXAMPLE, legsOf(rows), 21_262_437);
  deepEqual([diagram.edges[2]?.state, diagram.nodes[3]?.state], ["done", "done"]);
});

Deno.test("momentAt() is what the server says once everything is over", () => {
  const { state, diagram, place } = momentOfExample(1e9);
  deepEqual([state, diagram, place], [EXAMPLE.state, EXAMPLE.diagram, { track: "way", at: 6 }]);
});

Deno.test("momentAt() never moves an email backwards, whatever the moment", () => {
  const times = integer({ min: 0, max: 40_000_000 });
  assert(property(times, times, (one, other) => {
    const [before, after] = [one, other].toSorted((a, b) => a - b).map(momentOfExample);
    ok(
      (before?.diagram.edges[3]?.attemptCount ?? 0) <= (after?.diagram.edges[3]?.attemptCount ?? 0),
    );
  }));
});

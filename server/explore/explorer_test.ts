import { deepEqual, equal, ok } from "node:assert/strict";
import { z } from "zod";
import {
  archived,
  belowCaller,
  firstAttempt,
  inTrace,
  ofEmail,
  polled,
  published,
  scheduled,
  START_MS,
} from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { problemOf, startTestApp } from "../testing/test_app.ts";
import { exploredCharts, exploredEmails, exploredMap, exploredPoints, Explorer } from "./mod.ts";

const SECOND_TRACE_ID = "0123456789abcdef0123456789abcdef";
const STRANGER = {
  traceId: "5".repeat(32),
  id: "5".repeat(16),
  name: "get",
  kind: "CLIENT",
  timestamp: (START_MS + 500) * 1_000,
  duration: 40_000,
  localEndpoint: { serviceName: "shop" },
  remoteEndpoint: { serviceName: "stock" },
} as const;

const domain = (name: string) => ({ tags: { "recipient.domain": name } });

/**
 * Three emails: one archived, from the load generator; a second later, a dead letter and one on its way, both in one trace. And a
 * call between other services.
 */
function startSystem() {
  const collector = new FakeCollector();
  collector.add([
    ...ofEmail(1, [
      scheduled({
        tags: { "recipient.domain": "example.com", "user_agent.synthetic.type": "test" },
      }),
      ...firstAttempt("delivered").slice(1),
      archived({ atMs: 200, forMs: 300 }),
      ...polled(1, { atMs: 400 }),
    ]),
    ...inTrace(
      SECOND_TRACE_ID,
      belowCaller([
        ...ofEmail(2, [
          scheduled(domain("example.org")),
          ...firstAttempt("dead-lettered", { error: "550 no such user" }).slice(1),
        ]),
        ...ofEmail(3, [
          scheduled({ atMs: 100, ...domain("example.com") }),
          published(1, { atMs: 105 }),
        ]),
      ]),
      1_000,
    ),
    STRANGER,
  ]);
  const explorer = new Explorer({
    api: collector.api,
    traceUrl: (traceId) => `http://zipkin.example/${traceId}`,
    now: () => START_MS + 10_000,
    patienceMs: 60_000,
  });
  const app = startTestApp({ explorer });
  const ask = async <Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer> => {
    const response = await app.request(`/api/explore/${path}`);
    equal(response.status, 200);
    return schema.parse(await response.json());
  };
  return { ...app, collector, explorer, ask };
}

/** The filter, and the emails that match it by their numbers. */
Deno.test.each([
  ["", [3, 2, 1]],
  [`from=${START_MS + 1_000}`, [3, 2]],
  [`from=${START_MS + 1_001}`, [3]],
  [`to=${START_MS + 1_000}`, [2, 1]],
  [`from=${START_MS + 1}&to=${START_MS}`, []],
  ["state=archived", [1]],
  ["state=queued&state=dead-lettered", [3, 2]],
  ["domain=EXAMPLE.com", [3, 1]],
  ["domain=example", []],
  ["reason=550+no+such+user", [2]],
  ["minMs=150", [2, 1]],
  ["minMs=151", [1]],
  ["maxMs=150", [3, 2]],
  ["synthetic=false", [3, 2]],
  ["synthetic=true", [3, 2, 1]],
  ["search=", [3, 2, 1]],
  ["search=0190D6F2-8c1a", [3, 2, 1]],
  ["search=0190d6f2-8c1a-7a60-8000-000000000002", [2]],
  [`search=${SECOND_TRACE_ID.slice(0, 4)}`, [3, 2]],
  [`search=${SECOND_TRACE_ID.slice(2)}`, []],
  ["search=example.org", [2]],
  ["search=EXAMPLE+dead", [2]],
  ["search=user+550", [2]],
  ["search=user+551", []],
  ["edge=emailer%3Emailtrap", [2, 1]],
  ["edge=emailer%3Emailtrap&failed=true", [2]],
  ["failed=true", [2]],
  ["failed=false", [3, 2, 1]],
  ["edge=mail-poller%3Emongodb", [1]],
  ["edge=shop%3Estock", []],
])("GET /api/explore/emails?%s has the emails that match", async (query, numbers) => {
  await using system = startSystem();
  const { emails, matchCount } = await system.ask(`emails?${query}`, exploredEmails);
  deepEqual(emails.map(({ emailId }) => Number(emailId?.slice(-1))), numbers);
  equal(matchCount, numbers.length);
});

Deno.test("GET /api/explore/emails counts the emails of every state, and says how much is known", async () => {
  await using system = startSystem();
  const query = "synthetic=false&state=dead-lettered";
  const { emails, stateCounts, progress } = await system.ask(`emails?${query}`, exploredEmails);
  deepEqual(emails.map(({ traceUrl }) => traceUrl), [`http://zipkin.example/${SECOND_TRACE_ID}`]);
  deepEqual(
    Object.entries(stateCounts).filter(([, count]) => count > 0),
    [["queued", 1], ["dead-lettered", 1]],
  );
  deepEqual(progress, {
    readCount: 4,
    isComplete: true,
    asOfMs: START_MS + 10_000,
    oldestMs: START_MS,
  });
});

Deno.test("GET /api/explore/emails has all pages, none twice while new ones arrive", async () => {
  await using system = startSystem();
  const numbers: string[] = [];
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const query = new URLSearchParams({ limit: "1", ...(cursor === "" ? {} : { cursor }) });
    const page: z.output<typeof exploredEmails> = await system.ask(
      `emails?${query}`,
      exploredEmails,
    );
    numbers.push(...page.emails.map(({ emailId = "" }) => emailId.slice(-1)));
    cursor = page.nextCursor;
    system.collector.add(inTrace(`${numbers.length}`.repeat(32), [scheduled()], 5_000));
  }
  deepEqual(numbers, ["3", "2", "1"]);
});

Deno.test("GET /api/explore/points has a column for each plotted value", async () => {
  await using system = startSystem();
  const { points } = await system.ask("points?synthetic=false", exploredPoints);
  deepEqual({ ...points, startMs: points.startMs.map((ms) => ms - START_MS) }, {
    startMs: [1_100, 1_000],
    durationMs: [20, 150],
    state: ["queued", "dead-lettered"],
    attemptCount: [0, 1],
    traceId: [SECOND_TRACE_ID, SECOND_TRACE_ID],
    emailId: [3, 2].map((number) => `0190d6f2-8c1a-7a60-8000-00000000000${number}`),
  });
});

async function edgesOf(query: string) {
  await using system = startSystem();
  const { nodes, edges } = await system.ask(`map?${query}`, exploredMap);
  return {
    labels: nodes.map(({ label }) => label),
    edges: edges.map(({ from, to, callCount, errorCount, p50Us, p95Us }) =>
      `${from}>${to}: ${callCount}, ${errorCount} failed, ${p50Us} to ${p95Us}`
    ),
  };
}

Deno.test("GET /api/explore/map has all calls of a range, those of polls and of strangers too", async () => {
  deepEqual(await edgesOf(""), {
    labels: [
      "Message server",
      "RabbitMQ",
      "Emailer",
      "Mailtrap",
      "Mail poller",
      "MongoDB",
      "shop",
      "stock",
    ],
    edges: [
      "message-server>rabbitmq: 3, 0 failed, 10000 to 10000",
      "rabbitmq>emailer: 2, 1 failed, 95000 to 95000",
      "emailer>mailtrap: 2, 1 failed, 48000 to 48000",
      "mail-poller>mailtrap: 1, 0 failed, 10000 to 10000",
      "mail-poller>mongodb: 1, 0 failed, 10000 to 10000",
      "shop>stock: 1, 0 failed, 40000 to 40000",
    ],
  });
  const { edges } = await edgesOf(`from=${START_MS + 420}&to=${START_MS + 1_100}`);
  deepEqual(edges.map((edge) => edge.split(",")[0]), [
    "message-server>rabbitmq: 1",
    "rabbitmq>emailer: 1",
    "mail-poller>mongodb: 1",
    "shop>stock: 1",
  ]);
});

/** How many edges the map has: the first three are an email's way to Mailtrap, the next two those of its poll. */
Deno.test.each([
  ["state=archived", 5],
  ["failed=true", 3],
  [`search=dead&synthetic=true&to=${START_MS + 9_000}`, 3],
  ["maxMs=600&minMs=200", 5],
  ["edge=mail-poller%3Emongodb", 5],
  ["maxMs=0", 0],
])("GET /api/explore/map?%s has the calls for the emails that match", async (query, edgeCount) => {
  const { edges } = await edgesOf(query);
  const ways = ["message-server>rabbitmq", "rabbitmq>emailer", "emailer>mailtrap"];
  const polls = ["mail-poller>mailtrap", "mail-poller>mongodb"];
  deepEqual(
    edges.map((edge) => edge.split(",")[0]),
    [...ways, ...polls].slice(0, edgeCount).map((edge) => `${edge}: 1`),
  );
});

Deno.test("GET /api/explore/map has all calls without a filter that leaves emails out", async () => {
  deepEqual(await edgesOf("search=&failed=false&synthetic=true"), await edgesOf(""));
});

Deno.test("GET /api/explore/charts has rates and the times of each hop, by step", async () => {
  await using system = startSystem();
  const query = `charts?from=${START_MS}&to=${START_MS + 3_000}`;
  const { fromMs, stepMs, accepted, retries, hops } = await system.ask(query, exploredCharts);
  deepEqual([fromMs, stepMs, accepted, retries], [START_MS, 1_000, [1, 2, 0, 0], [0, 0, 0, 0]]);
  deepEqual(
    hops.map(({ id, p50Us, p99Us }) => [id, p50Us, p99Us[0]]),
    [
      ["publish", [10_000, 10_000, null, null], 10_000],
      ["queue", [95_000, 95_000, null, null], 95_000],
      ["smtp", [48_000, 48_000, null, null], 48_000],
      // Received after 200 ms, fetched after 410 ms.
      ["poll", [210_000, null, null, null], 210_000],
      ["archive", [10_000, null, null, null], 10_000],
    ],
  );
});

Deno.test.each([
  ["", 15_000],
  [`to=${START_MS}`, 15_000],
  [`from=${START_MS}`, 1_000],
  [`from=${START_MS - 3_600_000}`, 60_000],
  [`from=${START_MS}&to=${START_MS - 1}`, 1_000],
  ["from=0", Math.ceil((START_MS + 10_000) / 89)],
  [`from=0&to=8640000000000000`, Math.ceil(8.64e15 / 89)],
])("GET /api/explore/charts?%s has few steps of a readable length", async (query, expected) => {
  await using system = startSystem();
  const { stepMs, accepted, hops } = await system.ask(`charts?${query}`, exploredCharts);
  equal(stepMs, expected);
  ok(accepted.length <= 90, `${accepted.length} steps`);
  ok(
    hops.every(({ p50Us, p95Us, p99Us }) =>
      [p50Us, p95Us, p99Us].every(({ length }) => length === accepted.length)
    ),
  );
});

const NOT_VALID = [
  ...["from", "to", "minMs", "maxMs"].flatMap((
    name,
  ) => [`${name}=x`, `${name}=-1`, `${name}=1e99`]),
  `from=${"9".repeat(20)}`,
  "from=1&from=2",
  "state=sent",
  "domain=",
  "reason=",
  `search=${"x".repeat(1_025)}`,
  "synthetic=no",
  "edge=emailer",
  "edge=%3E",
  "edge=a%3Eb&failed=1",
];
for (
  const query of [...NOT_VALID, "limit=0", "limit=101", "limit=x", "limit=", "cursor=", "cursor=x"]
) {
  Deno.test(`GET /api/explore/emails?${query.slice(0, 40)} answers 400 and what to give`, async () => {
    await using system = startSystem();
    await problemOf(await system.request(`/api/explore/emails?${query}`), 400);
  });
}

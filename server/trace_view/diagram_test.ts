import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import * as fc from "fast-check";
import {
  archived,
  attempted,
  firstAttempt,
  listed,
  polled,
  published,
  received,
  scheduled,
  START_MS,
} from "../testing/email_spans.ts";
import { type Diagram, diagram, toDiagram } from "./diagram.ts";
import { emailStateOf } from "./email_state.ts";
import { journeyOf } from "./hops.ts";
import { layOutWaterfall } from "@playground/shared/waterfall";
import { toTraceRows } from "./rows.ts";

/** The diagram of an email, validated against the API's schema. */
function draw(...spans: readonly ZipkinSpan[]): Diagram {
  const rows = toTraceRows(layOutWaterfall(spans), { nowUs: 0 });
  return diagram.parse(toDiagram(journeyOf(emailStateOf(spans), START_MS * 1_000, rows)));
}

Deno.test("toDiagram() has the system's parties and edges, with their labels", () => {
  const { nodes, edges } = draw();
  deepEqual(nodes.map(({ id }) => id), [
    "client",
    "message-server",
    "rabbitmq",
    "emailer",
    "mailtrap",
    "mail-poller",
    "mongodb",
  ]);
  deepEqual(edges.map(({ id, label }) => [id, label]), [
    ["client>message-server", "POST /email"],
    ["message-server>rabbitmq", "publish and confirm"],
    ["rabbitmq>emailer", "waiting in the queue"],
    ["emailer>mailtrap", "SMTP"],
    ["mailtrap>mail-poller", "waiting until the next poll"],
    ["mail-poller>mongodb", "store"],
  ]);
});

/** A letter for each state, in the order of an email's journey: `i`dle, `a`ctive, `d`one, `f`ailed. */
function lettersOf(parts: readonly { readonly state: string }[]): string {
  return parts.map(({ state }) => state[0]).join("");
}

interface Case {
  readonly what: string;
  readonly spans: readonly ZipkinSpan[];
  readonly nodes: string;
  readonly edges: string;
  /** Further members of some edges; `undefined` ones must be absent. */
  readonly facts?: Readonly<Record<string, Partial<Diagram["edges"][number]>>>;
}

const iso = (offsetMs: number) => new Date(START_MS + offsetMs).toISOString();
const UNDER_WAY = [
  scheduled(),
  published(1, { atMs: 5 }),
  received(1, { atMs: 5, forMs: 95 }),
];
const RETRIED = [
  ...firstAttempt("retried", { error: "451 later" }),
  published(2, { atMs: 140 }, "5s"),
];

const CASES: readonly Case[] = [
  { what: "nothing before anything happens", spans: [], nodes: "iiiiiii", edges: "iiiiii" },
  {
    what: "an accepted email, whose time in the queue grows",
    spans: [scheduled(), published(1, { atMs: 5 })],
    nodes: "ddaiiii",
    edges: "ddaiii",
    facts: {
      "client>message-server": { durationUs: 20_000 },
      "message-server>rabbitmq": { durationUs: 10_000 },
      "rabbitmq>emailer": {
        waiting: true,
        waitingSince: iso(5),
        durationUs: undefined,
        attemptCount: 0,
      },
    },
  },
  {
    what: "an email that the emailer has",
    spans: UNDER_WAY,
    nodes: "dddaiii",
    edges: "dddaii",
    facts: {
      "rabbitmq>emailer": { durationUs: 85_000, waiting: false },
      "emailer>mailtrap": { attemptCount: 1 },
    },
  },
  {
    what: "a retry: where it failed, why, and that it waits",
    spans: RETRIED,
    nodes: "ddadfii",
    edges: "ddafii",
    facts: {
      "emailer>mailtrap": { error: "451 later", attemptCount: 1 },
      "rabbitmq>emailer": { waiting: true, waitingSince: iso(140), durationUs: undefined },
    },
  },
  {
    what: "how many attempts there were, and the wait in the queue without those between them",
    spans: [
      ...RETRIED,
      received(2, { atMs: 140, forMs: 5_010 }),
      ...attempted(2, "delivered", { atMs: 5_150 }),
    ],
    nodes: "ddddaii",
    edges: "ddddai",
    facts: {
      "emailer>mailtrap": { attemptCount: 2, error: undefined },
      "rabbitmq>emailer": { attemptCount: 2, durationUs: 85_000 },
    },
  },
  {
    what: "a delivered email, which waits for the next poll",
    spans: firstAttempt("delivered"),
    nodes: "ddddaii",
    edges: "ddddai",
    facts: {
      "mailtrap>mail-poller": { waiting: true, waitingSince: iso(150), durationUs: undefined },
      "emailer>mailtrap": { durationUs: 48_000 },
    },
  },
  {
    what: "the end at Mailtrap where the mail does not carry its trace",
    spans: firstAttempt("delivered", { tags: { trace_through_smtp: "off" } }),
    nodes: "dddddii",
    edges: "ddddii",
  },
  {
    what: "an archived email, and how long it waited for the poll",
    spans: [
      ...firstAttempt("delivered"),
      archived({ atMs: 150, forMs: 4_000 }),
      ...polled(1, { atMs: 4_100 }),
    ],
    nodes: "ddddddd",
    edges: "dddddd",
    facts: {
      "mailtrap>mail-poller": { durationUs: 3_950_000, waiting: false },
      "mail-poller>mongodb": { durationUs: 10_000 },
    },
  },
  {
    what: "a store that failed, and that the mail waits in the inbox",
    spans: [...firstAttempt("delivered"), ...polled(1, { atMs: 4_100, error: "no primary" })],
    nodes: "ddddadf",
    edges: "ddddaf",
    facts: {
      "mail-poller>mongodb": { error: "no primary" },
      "mailtrap>mail-poller": { waiting: true, attemptCount: 1 },
    },
  },
  {
    what: "that the last poll could not list the inbox",
    spans: [...firstAttempt("delivered"), listed({ atMs: 4_100, error: "500" })],
    nodes: "ddddafi",
    edges: "ddddfi",
    facts: { "mailtrap>mail-poller": { error: "500", waiting: true } },
  },
  {
    what: "an email that was refused for good",
    spans: firstAttempt("dead-lettered", { error: "550 no such user" }),
    nodes: "dddffii",
    edges: "dddfii",
    facts: { "emailer>mailtrap": { error: "550 no such user" } },
  },
  {
    what: "that a message that is no email fails at the emailer",
    spans: [
      ...UNDER_WAY,
      ...attempted(1, "dead-lettered", { atMs: 100, error: "no email" }).slice(0, 1),
    ],
    nodes: "dddfiii",
    edges: "dddiii",
  },
  {
    what: "a request that was refused with 422",
    spans: [scheduled({ error: "422 Invalid email" })],
    nodes: "dfiiiii",
    edges: "fiiiii",
    facts: { "client>message-server": { error: "422 Invalid email" } },
  },
  {
    what: "a request that was refused with 503, since the broker was away",
    spans: [
      scheduled({ error: "503 Email not accepted" }),
      published(1, { atMs: 5, error: "the broker cannot be reached" }),
    ],
    nodes: "ddfiiii",
    edges: "ffiiii",
    facts: { "message-server>rabbitmq": { error: "the broker cannot be reached" } },
  },
  {
    what: "the receipt rather than the confirm that did not come",
    spans: [
      scheduled({ error: "503 Email not accepted" }),
      published(1, { atMs: 5, error: "no confirm" }),
      received(1, { atMs: 5, forMs: 95 }),
      ...attempted(1, "delivered", { atMs: 100 }),
    ],
    nodes: "ddddaii",
    edges: "fdddai",
    facts: { "message-server>rabbitmq": { error: "no confirm" } },
  },
  {
    what: "an email that travels while spans of its beginning are missing",
    spans: attempted(1, "delivered", { atMs: 100 }),
    nodes: "ddddaii",
    edges: "ddddai",
  },
];
for (const { what, spans, nodes, edges, facts = {} } of CASES) {
  Deno.test(`toDiagram() shows ${what}`, () => {
    const picture = draw(...spans);
    deepEqual([lettersOf(picture.nodes), lettersOf(picture.edges)], [nodes, edges]);
    for (const [id, expected] of Object.entries(facts)) {
      const edge = picture.edges.find((edge) => edge.id === id);
      for (const [name, value] of Object.entries(expected)) {
        equal(Object.entries(edge ?? {}).find(([other]) => other === name)?.[1], value, name);
      }
    }
  });
}

Deno.test("toDiagram() names existing rows for each edge, whatever spans have arrived in any order", () => {
  const spans = [
    ...RETRIED,
    received(2, { atMs: 140, forMs: 5_010 }),
    ...attempted(2, "delivered", { atMs: 5_150 }),
    archived({ atMs: 5_160, forMs: 4_000 }),
    ...polled(1, { atMs: 9_100, error: "no primary" }),
    ...polled(2, { atMs: 10_100 }),
  ];
  fc.assert(fc.property(fc.shuffledSubarray(spans), (some) => {
    const keys = new Set(toTraceRows(layOutWaterfall(some), { nowUs: 0 }).map(({ key }) => key));
    for (const { rowKeys } of draw(...some).edges) {
      deepEqual(rowKeys.filter((key) => !keys.has(key)), []);
    }
  }));
});

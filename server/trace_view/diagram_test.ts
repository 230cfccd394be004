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
import { type EmailState, emailState, emailStateOf } from "./email_state.ts";
import { layOutWaterfall } from "@playground/shared/waterfall";
import { toTraceRows } from "./rows.ts";

/** The diagram of an email, validated against the API's schema. */
function draw(...spans: readonly ZipkinSpan[]): Diagram {
  const rows = toTraceRows(layOutWaterfall(spans), { nowUs: 0 });
  return diagram.parse(toDiagram(emailStateOf(spans), START_MS * 1_000, rows));
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

type Facts = Readonly<Record<string, Partial<Diagram["edges"][number]>>>;

const iso = (offsetMs: number) => new Date(START_MS + offsetMs).toISOString();
const UNDER_WAY = [scheduled(), published(1, { atMs: 5 }), received(1, { atMs: 5, forMs: 95 })];
const RETRIED = [
  ...firstAttempt("retried", { error: "451 later" }),
  published(2, { atMs: 140 }, "5s"),
];

const DELIVERED = { name: "delivered", followed: true } as const;
const REFUSED = { name: "refused", reason: "503 Email not accepted" } as const;

/** A case: the state, those of nodes and edges, and further members of some edges; `undefined` ones must be absent. */
const CASES: readonly (readonly [
  what: string,
  spans: readonly ZipkinSpan[],
  state: EmailState,
  parts: readonly [nodes: string, edges: string],
  facts?: Facts,
])[] = [
  ["nothing before anything happens", [], { name: "queued" }, ["iiiiiii", "iiiiii"]],
  [
    "an accepted email, whose time in the queue grows",
    [scheduled(), published(1, { atMs: 5 })],
    { name: "queued" },
    ["ddaiiii", "ddaiii"],
    {
      "client>message-server": { durationUs: 20_000 },
      "message-server>rabbitmq": { durationUs: 10_000 },
      "rabbitmq>emailer": {
        waiting: true,
        waitingSince: iso(5),
        durationUs: undefined,
        attemptCount: 0,
      },
    },
  ],
  [
    "an email that the emailer has",
    UNDER_WAY,
    { name: "sending", attempt: 1 },
    ["dddaiii", "dddaii"],
    {
      "rabbitmq>emailer": { durationUs: 85_000, waiting: false },
      "emailer>mailtrap": { attemptCount: 1 },
    },
  ],
  [
    "a retry: where it failed, why, and that it waits for as long as its queue says",
    RETRIED,
    {
      name: "retrying",
      attempt: 1,
      maxAttempts: 6,
      nextAttemptAt: iso(5_140),
      reason: "451 later",
    },
    ["ddadfii", "ddafii"],
    {
      "emailer>mailtrap": { error: "451 later", attemptCount: 1 },
      "rabbitmq>emailer": { waiting: true, waitingSince: iso(140), durationUs: undefined },
    },
  ],
  [
    "the second attempt",
    [...RETRIED, received(2, { atMs: 140, forMs: 5_010 })],
    { name: "sending", attempt: 2 },
    ["dddaiii", "dddaii"],
    { "emailer>mailtrap": { attemptCount: 2 } },
  ],
  [
    "how many attempts there were, and the wait in the queue without those between them",
    [
      ...RETRIED,
      received(2, { atMs: 140, forMs: 5_010 }),
      ...attempted(2, "delivered", { atMs: 5_150 }),
    ],
    DELIVERED,
    ["ddddaii", "ddddai"],
    {
      "emailer>mailtrap": { attemptCount: 2, error: undefined },
      "rabbitmq>emailer": { attemptCount: 2, durationUs: 85_000 },
    },
  ],
  [
    "a delivered email, which waits for the next poll",
    firstAttempt("delivered"),
    DELIVERED,
    ["ddddaii", "ddddai"],
    {
      "mailtrap>mail-poller": { waiting: true, waitingSince: iso(150), durationUs: undefined },
      "emailer>mailtrap": { durationUs: 48_000 },
    },
  ],
  [
    "the end at Mailtrap where the mail does not carry its trace",
    firstAttempt("delivered", { tags: { trace_through_smtp: "off" } }),
    { name: "delivered", followed: false },
    ["dddddii", "ddddii"],
  ],
  [
    "an archived email, and how long it waited for the poll",
    [
      ...firstAttempt("delivered"),
      archived({ atMs: 150, forMs: 4_000 }),
      ...polled(1, { atMs: 4_100 }),
    ],
    { name: "archived" },
    ["ddddddd", "dddddd"],
    {
      "mailtrap>mail-poller": { durationUs: 3_950_000, waiting: false },
      "mail-poller>mongodb": { durationUs: 10_000 },
    },
  ],
  [
    "a store that failed, and that the mail waits in the inbox",
    [...firstAttempt("delivered"), ...polled(1, { atMs: 4_100, error: "no primary" })],
    DELIVERED,
    ["ddddadf", "ddddaf"],
    {
      "mail-poller>mongodb": { error: "no primary" },
      "mailtrap>mail-poller": { waiting: true, attemptCount: 1 },
    },
  ],
  [
    "that the last poll could not list the inbox",
    [...firstAttempt("delivered"), listed({ atMs: 4_100, error: "500" })],
    DELIVERED,
    ["ddddafi", "ddddfi"],
    { "mailtrap>mail-poller": { error: "500", waiting: true } },
  ],
  [
    "an email that was refused for good",
    firstAttempt("dead-lettered", { error: "550 no such user" }),
    { name: "dead-lettered", reason: "550 no such user" },
    ["dddffii", "dddfii"],
    { "emailer>mailtrap": { error: "550 no such user" } },
  ],
  [
    "that a message that is no email fails at the emailer",
    [...UNDER_WAY, ...attempted(1, "dead-lettered", { atMs: 100, error: "no email" }).slice(0, 1)],
    { name: "dead-lettered", reason: "no email" },
    ["dddfiii", "dddiii"],
  ],
  [
    "a request that was refused with 503, since the broker was away",
    [
      scheduled({ error: REFUSED.reason }),
      published(1, { atMs: 5, error: "the broker cannot be reached" }),
    ],
    REFUSED,
    ["ddfiiii", "ffiiii"],
    { "message-server>rabbitmq": { error: "the broker cannot be reached" } },
  ],
  [
    "a request that was refused before anything was published",
    [scheduled({ error: REFUSED.reason })],
    REFUSED,
    ["dfiiiii", "fiiiii"],
    { "client>message-server": { error: REFUSED.reason } },
  ],
  [
    "the receipt rather than the confirm that did not come",
    [
      scheduled({ error: REFUSED.reason }),
      published(1, { atMs: 5, error: "no confirm" }),
      received(1, { atMs: 5, forMs: 95 }),
      ...attempted(1, "delivered", { atMs: 100 }),
    ],
    DELIVERED,
    ["ddddaii", "fdddai"],
    { "message-server>rabbitmq": { error: "no confirm" } },
  ],
  [
    "an email that travels while spans of its beginning are missing",
    attempted(1, "delivered", { atMs: 100 }),
    DELIVERED,
    ["ddddaii", "ddddai"],
  ],
];
for (const [what, spans, state, parts, facts = {}] of CASES) {
  Deno.test(`emailStateOf() has and toDiagram() shows ${what}`, () => {
    deepEqual(emailStateOf(spans), emailState.parse(state));
    deepEqual(emailStateOf(spans.toReversed()), state);
    const { nodes, edges } = draw(...spans);
    deepEqual([nodes, edges].map(lettersOf), parts);
    const told = new Map(edges.map((edge) => [edge.id, new Map(Object.entries(edge))]));
    for (const [id, expected] of Object.entries(facts)) {
      for (const [name, value] of Object.entries(expected)) {
        equal(told.get(id)?.get(name), value, name);
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

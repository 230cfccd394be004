import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import * as fc from "fast-check";
import {
  archived,
  attempted,
  firstAttempt,
  polled,
  published,
  received,
  scheduled,
  START_MS,
} from "../testing/email_spans.ts";
import { type Diagram, diagram, toDiagram } from "./diagram.ts";
import { emailStateOf } from "./email_state.ts";
import { journeyOf } from "./hops.ts";
import { toTraceRows } from "./rows.ts";

/** The diagram of an email, which must also be what the API says it is. */
function draw(...spans: readonly ZipkinSpan[]): Diagram {
  const rows = toTraceRows(spans);
  return diagram.parse(toDiagram(journeyOf(emailStateOf(spans), START_MS * 1_000, rows)));
}

/** The states of the parties, in the order of an email's way. */
function nodeStates({ nodes }: Diagram): readonly string[] {
  return nodes.map(({ state }) => state);
}

/** The states of the ways between them. */
function edgeStates({ edges }: Diagram): readonly string[] {
  return edges.map(({ state }) => state);
}

function edgeOf({ edges }: Diagram, id: string) {
  const edge = edges.find((edge) => edge.id === id);
  if (edge === undefined) throw new Error(`There is no edge ${id}`);
  return edge;
}

const iso = (offsetMs: number) => new Date(START_MS + offsetMs).toISOString();
const IDLE = "idle";
const ACTIVE = "active";
const DONE = "done";
const FAILED = "failed";

Deno.test("toDiagram() has the system's parties and ways, idle before anything happens", () => {
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
  deepEqual(edges.map(({ id }) => id), [
    "client>message-server",
    "message-server>rabbitmq",
    "rabbitmq>emailer",
    "emailer>mailtrap",
    "mailtrap>mail-poller",
    "mail-poller>mongodb",
  ]);
  deepEqual([...nodes, ...edges].filter(({ state }) => state !== IDLE), []);
});

Deno.test("toDiagram() shows an accepted email, whose time in the queue grows", () => {
  const picture = draw(scheduled(), published(1, { atMs: 5 }));
  deepEqual(edgeStates(picture), [DONE, DONE, ACTIVE, IDLE, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, ACTIVE, IDLE, IDLE, IDLE, IDLE]);
  equal(edgeOf(picture, "client>message-server").durationUs, 20_000);
  equal(edgeOf(picture, "message-server>rabbitmq").durationUs, 10_000);
  const { waiting, waitingSince, durationUs, attemptCount, label } = edgeOf(
    picture,
    "rabbitmq>emailer",
  );
  deepEqual({ waiting, waitingSince, durationUs, attemptCount, label }, {
    waiting: true,
    waitingSince: iso(5),
    durationUs: undefined,
    attemptCount: 0,
    label: "waiting in the queue",
  });
});

Deno.test("toDiagram() shows an email that the emailer has", () => {
  const picture = draw(
    scheduled(),
    published(1, { atMs: 5 }),
    received(1, { atMs: 5, forMs: 95 }),
  );
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, ACTIVE, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, DONE, ACTIVE, IDLE, IDLE, IDLE]);
  equal(edgeOf(picture, "rabbitmq>emailer").durationUs, 85_000);
  equal(edgeOf(picture, "rabbitmq>emailer").waiting, false);
  equal(edgeOf(picture, "emailer>mailtrap").attemptCount, 1);
});

Deno.test("toDiagram() shows a retry: where it failed, why, and that it waits", () => {
  const picture = draw(
    ...firstAttempt("retried", { error: "451 later" }),
    published(2, { atMs: 140 }, "5s"),
  );
  deepEqual(edgeStates(picture), [DONE, DONE, ACTIVE, FAILED, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, ACTIVE, DONE, FAILED, IDLE, IDLE]);
  const { error, attemptCount } = edgeOf(picture, "emailer>mailtrap");
  deepEqual({ error, attemptCount }, { error: "451 later", attemptCount: 1 });
  const queue = edgeOf(picture, "rabbitmq>emailer");
  deepEqual([queue.waiting, queue.waitingSince, queue.durationUs], [true, iso(140), undefined]);
});

Deno.test("toDiagram() counts the attempts", () => {
  const picture = draw(
    ...firstAttempt("retried", { error: "451 later" }),
    published(2, { atMs: 140 }, "5s"),
    received(2, { atMs: 140, forMs: 5_010 }),
    ...attempted(2, "delivered", { atMs: 5_150 }),
  );
  equal(edgeOf(picture, "emailer>mailtrap").attemptCount, 2);
  equal(edgeOf(picture, "emailer>mailtrap").error, undefined);
  equal(edgeOf(picture, "rabbitmq>emailer").attemptCount, 2);
  equal(edgeOf(picture, "rabbitmq>emailer").durationUs, 5_000_000);
});

Deno.test("toDiagram() shows a delivered email, which waits for the next poll", () => {
  const picture = draw(...firstAttempt("delivered"));
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, DONE, ACTIVE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, DONE, DONE, ACTIVE, IDLE, IDLE]);
  const { waiting, waitingSince, durationUs, label } = edgeOf(picture, "mailtrap>mail-poller");
  deepEqual({ waiting, waitingSince, durationUs, label }, {
    waiting: true,
    waitingSince: iso(150),
    durationUs: undefined,
    label: "waiting until the next poll",
  });
  equal(edgeOf(picture, "emailer>mailtrap").durationUs, 48_000);
});

Deno.test("toDiagram() ends at Mailtrap where the mail does not carry its trace", () => {
  const picture = draw(
    ...firstAttempt("delivered", { tags: { trace_through_smtp: "off" } }),
  );
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, DONE, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, DONE, DONE, DONE, IDLE, IDLE]);
});

Deno.test("toDiagram() shows an archived email, and how long it waited for the poll", () => {
  const picture = draw(
    ...firstAttempt("delivered"),
    archived({ atMs: 150, forMs: 4_000 }),
    ...polled(1, { atMs: 4_100 }),
  );
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, DONE, DONE, DONE]);
  deepEqual(nodeStates(picture), [DONE, DONE, DONE, DONE, DONE, DONE, DONE]);
  equal(edgeOf(picture, "mailtrap>mail-poller").durationUs, 3_950_000);
  equal(edgeOf(picture, "mailtrap>mail-poller").waiting, false);
  equal(edgeOf(picture, "mail-poller>mongodb").durationUs, 10_000);
});

Deno.test("toDiagram() shows a store that failed, and that the mail waits in the inbox", () => {
  const picture = draw(
    ...firstAttempt("delivered"),
    ...polled(1, { atMs: 4_100, error: "no primary" }),
  );
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, DONE, ACTIVE, FAILED]);
  deepEqual(nodeStates(picture), [DONE, DONE, DONE, DONE, ACTIVE, DONE, FAILED]);
  equal(edgeOf(picture, "mail-poller>mongodb").error, "no primary");
  equal(edgeOf(picture, "mailtrap>mail-poller").waiting, true);
  equal(edgeOf(picture, "mailtrap>mail-poller").attemptCount, 1);
});

Deno.test("toDiagram() shows an email that was refused for good", () => {
  const picture = draw(...firstAttempt("dead-lettered", { error: "550 no such user" }));
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, FAILED, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, DONE, FAILED, FAILED, IDLE, IDLE]);
  equal(edgeOf(picture, "emailer>mailtrap").error, "550 no such user");
});

Deno.test("toDiagram() blames the emailer alone for a message that is no email", () => {
  const [emailer] = attempted(1, "dead-lettered", { atMs: 100, error: "no email" });
  const picture = draw(
    scheduled(),
    published(1, { atMs: 5 }),
    received(1, { atMs: 5, forMs: 95 }),
    ...(emailer === undefined ? [] : [emailer]),
  );
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, IDLE, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, DONE, FAILED, IDLE, IDLE, IDLE]);
});

Deno.test("toDiagram() shows a request that was refused with 422", () => {
  const picture = draw(scheduled({ error: "422 Invalid email" }));
  deepEqual(edgeStates(picture), [FAILED, IDLE, IDLE, IDLE, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, FAILED, IDLE, IDLE, IDLE, IDLE, IDLE]);
  equal(edgeOf(picture, "client>message-server").error, "422 Invalid email");
});

Deno.test("toDiagram() shows a request that was refused with 503, since the broker was away", () => {
  const picture = draw(
    scheduled({ error: "503 Email not accepted" }),
    published(1, { atMs: 5, error: "the broker cannot be reached" }),
  );
  deepEqual(edgeStates(picture), [FAILED, FAILED, IDLE, IDLE, IDLE, IDLE]);
  deepEqual(nodeStates(picture), [DONE, DONE, FAILED, IDLE, IDLE, IDLE, IDLE]);
  equal(edgeOf(picture, "message-server>rabbitmq").error, "the broker cannot be reached");
});

Deno.test("toDiagram() believes the receipt rather than the confirm that did not come", () => {
  const picture = draw(
    scheduled({ error: "503 Email not accepted" }),
    published(1, { atMs: 5, error: "no confirm" }),
    received(1, { atMs: 5, forMs: 95 }),
    ...attempted(1, "delivered", { atMs: 100 }),
  );
  deepEqual(edgeStates(picture), [FAILED, DONE, DONE, DONE, ACTIVE, IDLE]);
  equal(edgeOf(picture, "message-server>rabbitmq").error, "no confirm");
});

Deno.test("toDiagram() shows an email that travels while spans of its beginning are missing", () => {
  const picture = draw(...attempted(1, "delivered", { atMs: 100 }));
  deepEqual(edgeStates(picture), [DONE, DONE, DONE, DONE, ACTIVE, IDLE]);
});

Deno.test("toDiagram() names for each way rows that there are, whatever has arrived in what order", () => {
  const spans = [
    ...firstAttempt("retried", { error: "451 later" }),
    published(2, { atMs: 140 }, "5s"),
    received(2, { atMs: 140, forMs: 5_010 }),
    ...attempted(2, "delivered", { atMs: 5_150 }),
    archived({ atMs: 5_160, forMs: 4_000 }),
    ...polled(1, { atMs: 9_100, error: "no primary" }),
    ...polled(2, { atMs: 10_100 }),
  ];
  fc.assert(fc.property(fc.shuffledSubarray(spans), (some) => {
    const keys = new Set(toTraceRows(some).map(({ key }) => key));
    for (const { rowKeys } of draw(...some).edges) {
      deepEqual(rowKeys.filter((key) => !keys.has(key)), []);
    }
  }));
});

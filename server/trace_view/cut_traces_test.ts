import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  archived as archivedIn,
  attempted,
  emailIdOf,
  inTrace,
  polled,
  published,
  scheduled,
  START_MS,
  TRACE_ID as OWN,
} from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";

const CUT = "b".repeat(32);
const ID = emailIdOf(1);

const REQUEST = scheduled();
const PUBLISH = published(1, { atMs: 5 });
const tags = { correlation_id: ID };
const attempt = (traceId: string) =>
  inTrace(traceId, attempted(1, "delivered", { atMs: 100, tags }).slice(0, 1));
const archived = (traceId: string) => inTrace(traceId, [archivedIn({ atMs: 150, tags })]);
/** A poll that stored the mail and another one, both without a trace. */
const POLLED = [ID, emailIdOf(2)].flatMap((correlation_id, index) =>
  polled(1, { atMs: 200 }).filter(({ name }) => name === "store-message" || index === 0)
    .map((span): ZipkinSpan =>
      span.name === "store-message"
        ? { ...span, id: `${index}`, tags: { correlation_id } }
        : { ...span, tags: {} }
    )
);

/** The state of an email in a collector with these spans, alone and in the list, and what else the picture has. */
async function read(spans: readonly ZipkinSpan[], afterMs = 60_000) {
  const collector = new FakeCollector(spans);
  const reader = collector.reader(START_MS + afterMs);
  const one = await reader.trace(OWN, ID);
  const queryCount = collector.asked.length;
  const all = await reader.recent(10);
  if (one.status !== "found" || all.status !== "found") throw new Error(one.status);
  return {
    state: one.trace.state?.name,
    listed: all.emails.map(({ state }) => state.name),
    names: one.trace.rows.map(({ name }) => name).sort(),
    queryCount,
  };
}

Deno.test("readElsewhere() finds an email whose message lost its context", async () => {
  const { state, listed, names } = await read([
    REQUEST,
    PUBLISH,
    ...attempt(CUT),
    ...archived(CUT),
  ]);
  deepEqual([state, listed], ["archived", ["archived"]]);
  deepEqual(names, ["amqp-publish", "archive-email", "emailer", "schedule-email"]);
});

Deno.test("readElsewhere() finds an email whose mail lost its context, and no other mail", async () => {
  const { state, listed, names } = await read([REQUEST, PUBLISH, ...attempt(OWN), ...POLLED]);
  deepEqual([state, listed], ["archived", ["archived"]]);
  deepEqual(names, ["amqp-publish", "emailer", "poll-email", "schedule-email", "store-message"]);
});

Deno.test("readElsewhere() believes no mail that claims to be an email which nobody has sent", async () => {
  const { state, listed } = await read([REQUEST, PUBLISH, ...POLLED]);
  deepEqual([state, listed], ["queued", ["queued"]]);
});

Deno.test("readElsewhere() is not asked about a young email, or one that is archived", async () => {
  const usual = await read([REQUEST, PUBLISH, ...attempt(OWN), ...archived(OWN)]);
  deepEqual([usual.state, usual.queryCount], ["archived", 2]);
  equal((await read([REQUEST, PUBLISH, ...attempt(CUT)], 1_000)).state, "queued");
});

/**
 * The traces of emails that arrive, are tried again, are given up or refused: every failure is in the trace that it belongs to.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import type { Environment } from "@playground/shared/configuration";
import type { EmailDocument } from "@playground/shared/email";
import { hasTestPermissions, integrationTest, waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { AcceptedEmail } from "@playground/tasks/clients/message-server";
import { connect } from "amqplib";
import { type FaultySystem, startFaultySystem } from "../fixture/faulty_system.ts";
import { assertTrace, TraceReader } from "../fixture/traces.ts";

const realZipkin = hasTestPermissions ? Deno.env.get("TEST_ZIPKIN_URL") : undefined;

const collectors = [
  { name: "stand-in", url: undefined, options: {} },
  {
    name: "real Zipkin",
    url: realZipkin,
    options: realZipkin === undefined ? { ignoredBecause: "set TEST_ZIPKIN_URL to run it" } : {},
  },
] as const;

const EMAIL: EmailDocument = {
  sender: { address: "me@example.com" },
  recipient: { address: "you@example.com" },
  subject: "Traced",
  body: "Hello",
};
const REFUSED: EmailDocument = {
  ...EMAIL,
  recipient: { address: "bounce+550+no+such+user@example.com" },
};

interface Scenario {
  readonly test: FaultySystem;
  readonly traces: TraceReader;
  /** When the system was ready, in milliseconds since 1970. */
  readonly startMs: number;
}

for (const { name, url, options } of collectors) {
  const scenario = (
    behaviour: string,
    run: (scenario: Scenario) => Promise<void>,
    settings: Environment = {},
  ) =>
    integrationTest(`trace (${name}): ${behaviour}`, async () => {
      await using test = await startFaultySystem(url, settings);
      const traces = new TraceReader(test.zipkinUrl);
      await run({ test, traces, startMs: Date.now() }).catch((cause) => {
        throw new Error(`${cause}\nThe system wrote:\n${test.lines.join("\n")}`, { cause });
      });
    }, options);

  scenario("an archived email leaves both traces, whole and without an error", async (s) => {
    const email = await accept(s, EMAIL);
    const own = await s.traces.traceUntil(email.traceId, isArchived);
    assertTrace(own);
    deepEqual(namesOf(own), [
      "amqp-publish",
      "amqp-publish",
      "archive-email",
      "emailer",
      "schedule-email",
      "send-email",
    ]);
    const poll = await pollOf(s, email.traceId);
    assertTrace(poll);
    const emailer = own.find((span) => span.name === "emailer");
    for (const step of ["fetch-message", "store-message", "delete-message"]) {
      const span = poll.find((candidate) => candidate.name === step);
      equal(span?.tags?.["origin.trace_id"], email.traceId);
      equal(span?.tags?.["origin.span_id"], emailer?.id);
    }
  });

  scenario("the two halves of amqp-publish meet: it lasts from publish to receipt", async (s) => {
    const email = await accept(s, EMAIL);
    const own = await s.traces.traceUntil(email.traceId, isArchived);
    const [producer, consumer] = ["PRODUCER", "CONSUMER"].map((kind) =>
      own.find((span) => span.kind === kind)
    );
    const emailer = own.find((span) => span.name === "emailer");
    equal(producer?.id, consumer?.id);
    equal(producer?.parentId, consumer?.parentId);
    ok((consumer?.timestamp ?? 0) >= (producer?.timestamp ?? 0));
    const receivedAt = (consumer?.timestamp ?? 0) + (consumer?.duration ?? 0);
    const gap = (emailer?.timestamp ?? 0) - receivedAt;
    ok(gap >= 0 && gap < 100_000, `emailer starts ${gap} µs after the receipt`);
  });

  scenario(
    "an email that is sent at the second attempt shows the failure and the wait",
    async (s) => {
      s.test.smtp.refuse();
      const email = await accept(s, EMAIL);
      await s.traces.traceUntil(email.traceId, has("amqp-retry"));
      s.test.smtp.accept();
      const own = await s.traces.traceUntil(email.traceId, isArchived);
      const attempts = own.filter((span) => span.name === "emailer").length;
      ok(attempts >= 2);
      const failures = Array.from({ length: attempts - 1 }, () => ["emailer", "send-email"]).flat();
      assertTrace(own, { errors: failures });
      const wait = own.find((span) => span.name === "amqp-retry" && span.kind === "CONSUMER");
      ok((wait?.duration ?? 0) >= 300_000, `the wait lasted ${wait?.duration} µs`);
    },
    { RETRY_DELAYS: "300ms", MAX_ATTEMPTS: "50" },
  );

  scenario("a refused recipient shows where and why", async (s) => {
    const email = await accept(s, REFUSED);
    const own = await s.traces.traceUntil(
      email.traceId,
      whole("emailer", "send-email", "schedule-email"),
    );
    assertTrace(own, { errors: ["emailer", "send-email"] });
    const attempt = own.find((span) => span.name === "send-email");
    equal(attempt?.tags?.["smtp.reply_code"], "550");
    equal(attempt?.tags?.["error.type"], "550");
    equal(own.find((span) => span.name === "emailer")?.tags?.outcome, "dead-lettered");
  });

  scenario("a message that is no email shows as a failed emailer", async (s) => {
    const messageId = crypto.randomUUID();
    const connection = await connect(s.test.amqpUrl);
    const channel = await connection.createConfirmChannel();
    channel.publish(EXCHANGE, ROUTING_KEY, Buffer.from("no JSON"), { messageId });
    await channel.waitForConfirms();
    await connection.close();
    const own = await s.traces.findTrace(
      { serviceName: "emailer", annotationQuery: `correlation_id=${messageId}` },
      has("emailer"),
    );
    assertTrace(own, { errors: ["emailer"] });
    match(own[0]?.tags?.error ?? "", /not JSON/);
  });

  scenario("a message of the original's server goes on in its trace", async (s) => {
    const { traceId, spanId } = newIds();
    const parentSpanId = "d3a4c80eb70ff124";
    await publishForeign(s, {
      "X-B3-TraceId": traceId,
      "X-B3-SpanId": spanId,
      "X-B3-ParentSpanId": parentSpanId,
      "X-B3-Sampled": "1",
    });
    const own = await s.traces.traceUntil(traceId, has("archive-email", "emailer"));
    assertTrace(own, { foreignParents: [parentSpanId] });
    deepEqual(namesOf(own), ["amqp-publish", "archive-email", "emailer", "send-email"]);
  });

  scenario("a message without any trace headers starts a trace of its own", async (s) => {
    const messageId = await publishForeign(s, {});
    const own = await s.traces.findTrace(
      { serviceName: "emailer", annotationQuery: `correlation_id=${messageId}` },
      has("archive-email", "emailer"),
    );
    assertTrace(own);
    deepEqual(namesOf(own), ["archive-email", "emailer", "send-email"]);
  });

  scenario("a broker that is away shows in the refused request, and is found again", async (s) => {
    s.test.amqp.refuse();
    await waitFor("the message server is not ready", async () => !await isReady(s));
    const caller = newIds();
    const response = await post(s, EMAIL, { b3: `${caller.traceId}-${caller.spanId}-1` });
    equal(response.status, 503);
    await response.body?.cancel();
    const own = await s.traces.traceUntil(
      caller.traceId,
      has("schedule-email", "amqp-publish"),
    );
    assertTrace(own, {
      errors: ["amqp-publish", "schedule-email"],
      foreignParents: [caller.spanId],
    });
    s.test.amqp.accept();
    await waitFor("the message server is ready", () => isReady(s), 20_000);
    const email = await accept(s, EMAIL);
    assertTrace(await s.traces.traceUntil(email.traceId, isArchived));
  });

  for (const status of [429, 500]) {
    scenario(`an inbox that answers ${status} shows as a failed poll`, async (s) => {
      s.test.mailtrapApi.intercept((request) =>
        request.method === "GET" ? new Response("{}", { status }) : undefined
      );
      const poll = await s.traces.findTrace(
        { serviceName: "mail-poller", annotationQuery: `http.status=${status}` },
        (spans) => has("poll-email", "fetch-inbox")(spans) && since(s.startMs)(spans),
      );
      assertTrace(poll, { errors: ["fetch-inbox", "poll-email"] });
    });
  }

  scenario("a mail that cannot be fetched shows, and is archived later", async (s) => {
    s.test.mailtrapApi.intercept((request) =>
      request.url.endsWith("/body.eml") ? new Response("{}", { status: 500 }) : undefined
    );
    const email = await accept(s, EMAIL);
    const poll = await s.traces.findTrace(
      { serviceName: "mail-poller", annotationQuery: "http.status=500" },
      (spans) => has("poll-email", "fetch-message")(spans) && since(s.startMs)(spans),
    );
    assertTrace(poll, { errors: ["fetch-message", "poll-email"] });
    s.test.mailtrapApi.intercept();
    assertTrace(await s.traces.traceUntil(email.traceId, isArchived));
  });

  scenario(
    "a database that is away shows in the poll, and the mail is archived later",
    async (s) => {
      s.test.mongodb.refuse();
      const email = await accept(s, EMAIL);
      const poll = await s.traces.findTrace(
        { serviceName: "mail-poller", annotationQuery: `origin.trace_id=${email.traceId}` },
        has("poll-email", "store-message"),
      );
      assertTrace(poll, { errors: ["poll-email", "store-message"] });
      s.test.mongodb.accept();
      const own = await s.traces.traceUntil(email.traceId, isArchived);
      assertTrace(own);
    },
  );

  for (const [what, status] of [["away", 500], ["busy", 429]] as const) {
    scenario(
      `a collector that is ${what} delays no email, and gets its spans when it is back`,
      async (s) => {
        const headers = { "retry-after": "1" };
        s.test.zipkin.intercept(() => new Response("", { status, headers }));
        const email = await accept(s, EMAIL);
        await waitFor(
          "the email is archived",
          async () => (await s.test.archived({ emailId: email.id })).length === 1,
        );
        s.test.zipkin.intercept();
        assertTrace(await s.traces.traceUntil(email.traceId, isArchived));
      },
    );
  }

  scenario("a collector that hangs delays no email and no stop", async (s) => {
    s.test.zipkin.intercept(() => new Promise<Response>(() => {}));
    const email = await accept(s, EMAIL);
    await waitFor(
      "the email is archived",
      async () => (await s.test.archived({ emailId: email.id })).length === 1,
    );
    const stopAt = performance.now();
    await s.test.system[Symbol.asyncDispose]();
    const stopMs = performance.now() - stopAt;
    ok(stopMs < 6_000, `the stop took ${stopMs} ms`);
  });

  scenario(
    "the dependency graph is the seed's picture, with errors on the failing edge",
    async (s) => {
      const archived = await accept(s, EMAIL);
      await s.traces.traceUntil(archived.traceId, isArchived);
      await pollOf(s, archived.traceId);
      deepEqual(await s.traces.dependencies(s.startMs), [
        "emailer → mailtrap",
        "mail-poller → mailtrap",
        "mail-poller → mongodb",
        "message-server → rabbitmq",
        "rabbitmq → emailer",
      ]);
      const retried = await accept(s, {
        ...EMAIL,
        recipient: { address: "bounce+451+try+later@example.com" },
      });
      await s.traces.traceUntil(
        retried.traceId,
        (spans) =>
          spans.some(({ tags }) => tags?.outcome === "dead-lettered") &&
          has("schedule-email")(spans),
      );
      const graph = await s.traces.dependencies(s.startMs);
      ok(graph.includes("emailer → mailtrap, errors: 2"), graph.join("\n"));
      ok(graph.includes("emailer → rabbitmq"), graph.join("\n"));
    },
    { RETRY_DELAYS: "200ms", MAX_ATTEMPTS: "2" },
  );

  scenario("join puts the poll's steps into the email's trace", async (s) => {
    const email = await accept(s, EMAIL);
    const own = await s.traces.traceUntil(
      email.traceId,
      whole("delete-message", "store-message", "fetch-message", "send-email", "schedule-email"),
    );
    assertTrace(own);
    const emailer = own.find((span) => span.name === "emailer");
    for (const step of ["fetch-message", "store-message", "delete-message"]) {
      equal(own.find((span) => span.name === step)?.parentId, emailer?.id);
    }
  }, { TRACE_THROUGH_SMTP: "join" });

  scenario("off leaves nothing in the mail", async (s) => {
    const email = await accept(s, EMAIL);
    await waitFor(
      "the email is archived",
      async () => (await s.test.archived({ emailId: email.id })).length === 1,
    );
    const [document] = await s.test.archived({ emailId: email.id });
    equal(document?.trace, null);
    const poll = await s.traces.traceUntil(document?.pollTraceId ?? "", has("poll-email"));
    assertTrace(poll);
    ok(poll.every(({ tags }) => tags?.["origin.trace_id"] === undefined));
  }, { TRACE_THROUGH_SMTP: "off" });

  scenario("an unsampled email is archived and leaves no span anywhere", async (s) => {
    const { traceId, spanId } = newIds();
    const response = await post(s, EMAIL, {
      "x-b3-traceid": traceId,
      "x-b3-spanid": spanId,
      "x-b3-sampled": "0",
    });
    equal(response.status, 202);
    equal(response.headers.get("x-b3-sampled"), "0");
    const { id } = await response.json();
    await waitFor(
      "the email is archived",
      async () => (await s.test.archived({ emailId: id })).length === 1,
    );
    // A sampled one after it: when its spans are there, those of the other would be, too.
    const email = await accept(s, EMAIL);
    await s.traces.traceUntil(email.traceId, isArchived);
    const polls = await pollOf(s, email.traceId);
    equal(polls.filter((span) => span.name === "fetch-message").length, 1);
    const answer = await fetch(`${s.test.zipkinUrl}/api/v2/trace/${traceId}`);
    await answer.body?.cancel();
    equal(answer.status, 404);
    const search = await fetch(
      `${s.test.zipkinUrl}/api/v2/traces?${new URLSearchParams({
        annotationQuery: `origin.trace_id=${traceId}`,
        lookback: "600000",
      })}`,
    );
    deepEqual(await search.json(), []);
    const [document] = await s.test.archived({ emailId: id });
    const poll = await fetch(`${s.test.zipkinUrl}/api/v2/trace/${document?.pollTraceId}`);
    await poll.body?.cancel();
    equal(poll.status, 404, "the poll found nothing that may be seen");
  });
}

function has(...names: readonly string[]): (spans: readonly ZipkinSpan[]) => boolean {
  return (spans) => names.every((name) => spans.some((span) => span.name === name));
}

/** Whether some spans have arrived and all above them: they come from three processes, each in its own time. */
function whole(...names: readonly string[]): (spans: readonly ZipkinSpan[]) => boolean {
  return (spans) => {
    const ids = new Set(spans.map(({ id }) => id));
    return has(...names)(spans) &&
      spans.every(({ parentId }) => parentId === undefined || ids.has(parentId));
  };
}

/** Whether all spans of an archived email have arrived. */
function isArchived(spans: readonly ZipkinSpan[]): boolean {
  return whole("archive-email", "schedule-email", "emailer", "send-email")(spans) &&
    spans.filter(({ name }) => name === "amqp-publish").length === 2;
}

function since(startMs: number): (spans: readonly ZipkinSpan[]) => boolean {
  return (spans) => spans.every(({ timestamp = 0 }) => timestamp >= startMs * 1000);
}

function namesOf(spans: readonly ZipkinSpan[]): readonly string[] {
  return spans.map(({ name = "" }) => name).toSorted();
}

/** The whole trace of the poll that handled an email. */
function pollOf({ traces }: Scenario, traceId: string): Promise<readonly ZipkinSpan[]> {
  return traces.findTrace(
    { serviceName: "mail-poller", annotationQuery: `origin.trace_id=${traceId}` },
    has("poll-email", "delete-message"),
  );
}

/** Publishes as the original's Python server did: no time of the publish, no attempt, no Message-ID. */
async function publishForeign(
  { test }: Scenario,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const messageId = crypto.randomUUID();
  const connection = await connect(test.amqpUrl);
  const channel = await connection.createConfirmChannel();
  channel.publish(EXCHANGE, ROUTING_KEY, Buffer.from(JSON.stringify(EMAIL)), {
    appId: "messageserver/0.0.0",
    contentType: "application/json",
    messageId,
    headers,
  });
  await channel.waitForConfirms();
  await connection.close();
  return messageId;
}

function newIds(): { readonly traceId: string; readonly spanId: string } {
  const digits = crypto.randomUUID().replaceAll("-", "");
  return { traceId: digits, spanId: digits.slice(0, 16) };
}

async function accept({ test }: Scenario, document: EmailDocument): Promise<AcceptedEmail> {
  const result = await test.client.postEmail(document);
  if (result.status !== "accepted") throw new Error(JSON.stringify(result));
  return result.email;
}

function post(
  { test }: Scenario,
  document: EmailDocument,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(new URL("/email", test.system.urls.messageServer), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(document),
  });
}

async function isReady({ test }: Scenario): Promise<boolean> {
  const response = await fetch(new URL("/readyz", test.system.urls.messageServer));
  await response.body?.cancel();
  return response.ok;
}

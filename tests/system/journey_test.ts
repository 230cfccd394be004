/**
 * An email's journey from `POST /email` to the archive, through all three services, on the stand-ins and on the real components; and
 * its traces: every failure on the way is in the trace that it belongs to.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { DEAD_LETTER_QUEUE, EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import type { Environment } from "@playground/shared/configuration";
import type { EmailDocument } from "@playground/shared/email";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";
import type {
  ExpectedSpan,
  ExpectedSpans,
  ExpectedTrace,
} from "@playground/shared/trace-assertion";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { openBrokerSession } from "@playground/tasks/clients/broker";
import type { Options } from "amqplib";
import { messageCount } from "../fixture/brokers.ts";
import { acceptEmail, acceptEmails, BOUNCING, EMAIL, emailTo } from "../fixture/emails.ts";
import { type FaultySystem, startFaultySystem } from "../fixture/faulty_system.ts";
import { shownTrace } from "../fixture/page_api.ts";
import { BACKINGS } from "../fixture/real_components.ts";
import { type Steps, takeSteps } from "../fixture/steps.ts";
import { runTask } from "../fixture/task_process.ts";
import { allArchivedOnce, isIn, startTestSystem, traceUntil } from "../fixture/test_system.ts";
import { ARCHIVED, DELIVERY, isAs, onlyFailed, TraceReader, traceWith } from "../fixture/traces.ts";
import { get, getJson, randomHex } from "../fixture/zipkin.ts";

interface Scenario extends FaultySystem {
  readonly traces: TraceReader;
  /** When it began, in milliseconds since 1970. */
  readonly startMs: number;
}

/** A system with some settings, and the steps of its test in order. */
interface Journey {
  readonly settings: Environment;
  readonly steps: Steps<Scenario>;
}

const UNUSUAL: EmailDocument = {
  sender: { address: "me@example.com", display: "Zoë 🦊" },
  recipient: { address: "54d15d43b460697c@mailtrap.io" },
  subject: "Grüße 👋",
  body: "First line\n.second line\n\nbare\rCR and the end",
};

const manyAttempts: Journey = {
  settings: { RETRY_DELAYS: "300ms", MAX_ATTEMPTS: "50" },
  steps: {
    async "the dependency graph is the seed's picture"(s) {
      const archived = await acceptEmail(s);
      await s.traces.traceUntil(archived.traceId, ARCHIVED);
      await pollOf(s, archived.traceId);
      deepEqual(await s.traces.dependencies(s.startMs), [
        "emailer → mailtrap",
        "mail-poller → mailtrap",
        "mail-poller → mongodb",
        "message-server → rabbitmq",
        "rabbitmq → emailer",
      ]);
    },

    async "an email is archived and leaves both traces, whole and without an error"(s) {
      const email = await acceptEmail(s, UNUSUAL);
      const own = await s.traces.traceUntil(email.traceId, ARCHIVED);
      const [document, ...others] = await s.archived({ emailId: email.id });
      ok(document);
      equal(others.length, 0);
      const { messageId, from, to, subject, text, deliveries, raw, trace } = document;
      deepEqual({ messageId, from, to, subject, text }, {
        messageId: email.messageId,
        from: { address: "me@example.com", name: "Zoë 🦊" },
        to: [{ address: "54d15d43b460697c@mailtrap.io", name: "" }],
        subject: UNUSUAL.subject,
        text: "First line\n.second line\n\nbare\nCR and the end",
      });
      equal(deliveries.length, 1);
      ok(raw !== null && raw.buffer.length > 0);
      const emailer = own.find((span) => span.name === "emailer");
      deepEqual(trace, { traceId: email.traceId, spanId: emailer?.id });

      // The two halves of amqp-publish meet: it lasts from publish to receipt.
      const [producer, consumer] = ["PRODUCER", "CONSUMER"].map((kind) =>
        own.find((span) => span.kind === kind)
      );
      deepEqual([consumer?.id, consumer?.parentId], [producer?.id, producer?.parentId]);
      ok((consumer?.timestamp ?? 0) >= (producer?.timestamp ?? 0));
      const receivedAt = (consumer?.timestamp ?? 0) + (consumer?.duration ?? 0);
      const gap = (emailer?.timestamp ?? 0) - receivedAt;
      ok(gap >= 0 && gap < 1_000_000, `emailer starts ${gap} µs after the receipt`);

      const origin = { "origin.trace_id": email.traceId, "origin.span_id": emailer?.id ?? "" };
      const steps = ["fetch-message", "store-message", "delete-message"];
      const children = ["fetch-inbox", ...steps.map((name) => ({ name, tags: origin }))];
      const spans = [{ name: "poll-email", children }];
      const poll = await pollOf(s, email.traceId, { spans, isInOrder: true, isWhole: true });
      equal(poll[0]?.traceId, document.pollTraceId);
    },

    async "a ZIPKIN_URL that ends in /api/v2/spans is as good as its base"(s) {
      equal(s.system.urls.zipkin, s.zipkin.url);
      equal(s.system.zipkinPage, s.zipkin.url);
      const { traceId, traceUrl } = await acceptEmail(s);
      equal(traceUrl, `${s.zipkin.url}/zipkin/traces/${traceId}`);
      await traceUntil(s.client, traceId, ({ spans }) => isAs([DELIVERY])(spans));
      const zipkin = `${s.zipkin.url}/api/v2/spans`;
      await using folder = await temporaryFolder();
      const file = join(folder.path, "expected.json");
      for (const [name, expected] of [["emailer", 0], ["ship", 1]] as const) {
        await Deno.writeTextFile(file, JSON.stringify([name]));
        await waitFor("the collector answers in time", async () => {
          const held = await runTask("trace", [traceId, "--zipkin", zipkin, "--assert", file]);
          if (held.output.includes("did not answer within")) return false;
          equal(held.code, expected, held.output);
          match(held.output, expected === 0 ? /is as described/ : /^- ship$/m);
          return true;
        });
      }
    },

    async "messages that are no emails are dead-lettered, show, and hold up no other"(s) {
      const contents = ["not JSON", '{"sender":1}', "\xff\xfe"];
      const deadCount = () => messageCount(s.direct.AMQP_URL ?? "", DEAD_LETTER_QUEUE);
      const before = await deadCount();
      const ids = await Promise.all(
        contents.map((content) => publish(s, Buffer.from(content, "latin1"))),
      );
      const email = await acceptEmail(s);
      await s.traces.traceUntil(email.traceId, ARCHIVED);
      for (const id of ids) {
        const spans = [{ name: "emailer", error: /not JSON|not an email/ }];
        await traceOfMessage(s, id, { spans, isWhole: true });
      }
      equal(await deadCount(), before + ids.length);
    },

    async "a message of the original's server is archived, and goes on in its trace"(s) {
      const { traceId, spanId } = newIds();
      const parentSpanId = "d3a4c80eb70ff124";
      const id = await publishForeign(s, {
        "X-B3-TraceId": traceId,
        "X-B3-SpanId": spanId,
        "X-B3-ParentSpanId": parentSpanId,
        "X-B3-Sampled": "1",
      });
      const publish = {
        name: "amqp-publish",
        kind: "CONSUMER",
        id: spanId,
        parentId: parentSpanId,
      };
      const spans = [{ ...publish, children: [DELIVERY] }];
      await s.traces.traceUntil(traceId, { spans, isInOrder: true, isWhole: true });
      equal((await s.archived({ emailId: id }))[0]?.trace?.traceId, traceId);
      await traceUntil(s.client, traceId, isIn("archived"));
    },

    async "a message without any trace headers starts a trace of its own"(s) {
      const id = await publishForeign(s, {});
      await traceOfMessage(s, id, { spans: [DELIVERY], isInOrder: true, isWhole: true });
    },

    async "an unsampled email is archived and leaves no span anywhere"(s) {
      const { traceId, spanId } = newIds();
      await pollsAreOver(s);
      const email = await acceptEmail(s, {}, {
        "x-b3-traceid": traceId,
        "x-b3-spanid": spanId,
        "x-b3-sampled": "0",
      });
      equal(email.sampled, false);
      const [document] = await allArchivedOnce(s.archived, [email]);
      await pollsAreOver(s);
      // A sampled email follows: when its spans are there, those of the unsampled one would be, too.
      const sampled = await acceptEmail(s);
      await s.traces.traceUntil(sampled.traceId, ARCHIVED);
      await pollOf(s, sampled.traceId, [{ name: "fetch-message", maxCount: 1 }, "delete-message"]);
      const api = `${s.direct.ZIPKIN_URL}/api/v2`;
      // Of the poll either, which found nothing that may be seen.
      for (const unseen of [traceId, document?.pollTraceId]) {
        equal((await get(`${api}/trace/${unseen}`)).status, 404);
      }
      const query = `annotationQuery=origin.trace_id=${traceId}&lookback=600000`;
      deepEqual(await getJson(`${api}/traces?${query}`), []);
    },

    async "an email tried again with its Idempotency-Key, since no confirm came, is archived once"(
      s,
    ) {
      s.amqp.freeze();
      const tryIt = () => s.client.postEmail(EMAIL, { "Idempotency-Key": "twice" });
      for (const answer of await Promise.all([tryIt(), tryIt()])) {
        equal(answer.status === "refused" && answer.httpStatus, 503);
      }
      s.amqp.thaw();
      const id = await waitFor("it is accepted", async () => {
        const answer = await tryIt();
        return answer.status === "accepted" && answer.email.id;
      });
      await waitFor("all mails are archived", async () => {
        const [document, ...others] = await s.archived({ emailId: id });
        equal(others.length, 0);
        return (document?.deliveries.length ?? 0) >= 3;
      });
    },

    async "a database that is away shows in the poll, and the mail is archived later"(s) {
      s.mongodb.refuse();
      const email = await acceptEmail(s);
      await pollOf(s, email.traceId, onlyFailed("poll-email", "store-message"));
      s.mongodb.accept();
      await s.traces.traceUntil(email.traceId, ARCHIVED);
    },

    async "a collector that is away delays no email, and gets its spans when it is back"(s) {
      s.zipkin.intercept(() => new Response("", { status: 500 }));
      const email = await acceptEmail(s);
      await allArchivedOnce(s.archived, [email]);
      s.zipkin.intercept();
      await s.traces.traceUntil(email.traceId, ARCHIVED);
    },
  },
};

const joined: Journey = {
  settings: { TRACE_THROUGH_SMTP: "join" },
  steps: {
    async "join puts the poll's steps into the email's trace"(s) {
      const steps = ["fetch-message", "store-message", "delete-message"];
      const email = await acceptEmail(s);
      const children = steps.map((name) => ({ name, parent: "emailer" }));
      const spans = ["schedule-email", "send-email", ...children];
      await s.traces.traceUntil(email.traceId, { ...onlyFailed(), spans });
    },

    async "two emails in one trace are two, also where the poll's steps stand in it"(s) {
      const { traceId, spanId } = newIds();
      const job = { b3: `${traceId}-${spanId}-1` };
      for (
        const [document, state, storedCount] of [
          [BOUNCING, "dead-lettered", 0],
          [EMAIL, "archived", 1],
        ] as const
      ) {
        const { id } = await acceptEmail(s, document, job);
        await traceUntil(s.client, traceId, isIn(state), id);
        const { rows } = await shownTrace(s.system.urls.messageServer, traceId, id);
        equal(rows.filter(({ name }) => name === "store-message").length, storedCount);
      }
    },
  },
};

const off: Journey = {
  settings: {
    TRACE_THROUGH_SMTP: "off",
    TRACE_LOGS: "off",
    RETRY_DELAYS: "200ms,400ms",
    MAX_ATTEMPTS: "3",
  },
  steps: {
    async "a deferred email is tried again, then dead-lettered, with errors on the failing edge"(
      s,
    ) {
      const deferred = emailTo("bounce+451+try+later@example.com");
      const { traceId } = await acceptEmail(s, deferred);
      await traceUntil(s.client, traceId, isIn("dead-lettered"));
      const attempt = (...retry: readonly ExpectedSpan[]): ExpectedSpan => ({
        name: "emailer",
        isFailed: true,
        children: [{ name: "send-email", error: /^451/ }, ...retry],
      });
      const retry = (minDurationMs: number, next: ExpectedSpan): readonly ExpectedSpan[] => [
        { name: "amqp-retry", kind: "PRODUCER", children: [next] },
        { name: "amqp-retry", kind: "CONSUMER", minDurationMs },
      ];
      const ladder = attempt(...retry(200, attempt(...retry(400, attempt()))));
      await s.traces.traceUntil(traceId, traceWith(ladder));
      const graph = await s.traces.dependencies(s.startMs);
      ok(graph.includes("emailer → mailtrap, errors: 3"), graph.join("\n"));
      ok(graph.includes("emailer → rabbitmq"), graph.join("\n"));
    },

    async "off leaves nothing in the mail, and no log line in the trace"(s) {
      const email = await acceptEmail(s);
      const [document] = await allArchivedOnce(s.archived, [email]);
      equal(document?.trace, null);
      const absent = [{ isFailed: true }, { tags: { "origin.trace_id": /./ } }];
      const spans = ["poll-email"];
      const poll = await s.traces.traceUntil(document?.pollTraceId ?? "", { spans, absent });
      const own = await s.traces.traceUntil(
        email.traceId,
        traceWith({ name: "emailer", children: ["send-email"] }),
      );
      ok([...own, ...poll].every(({ annotations }) => annotations === undefined));
    },

    async "send-email says that it cannot follow what leaves nothing in the mail"(s) {
      const { code, output } = await runTask("send_email", [
        "--server",
        s.system.urls.messageServer,
      ]);
      equal(code, 0, output);
      match(output, /TRACE_THROUGH_SMTP=off/);
    },

    // The last step: it stops the system.
    async "a collector that hangs delays no email and no stop"(s) {
      s.zipkin.intercept(() => new Promise<Response>(() => {}));
      await allArchivedOnce(s.archived, [await acceptEmail(s)]);
      const stopAt = performance.now();
      await s.system[Symbol.asyncDispose]();
      const stopMs = performance.now() - stopAt;
      ok(stopMs < 10_000, `the stop took ${stopMs} ms`);
    },
  },
};

for (const { name, settings: backing, options } of BACKINGS) {
  for (const { settings, steps } of [manyAttempts, joined, off]) {
    const described = Object.entries(settings).map((pair) => pair.join("=")).join(" ");
    integrationTest(`journey (${name}) with ${described}`, async (context) => {
      await using test = await startFaultySystem({ ...settings, ...backing() });
      const traces = new TraceReader(test.direct.ZIPKIN_URL ?? "");
      await takeSteps(context, { ...test, traces, startMs: Date.now() }, steps);
    }, options);
  }
}

integrationTest(
  "journey (stand-in): kill -9 of every process after the 202s loses nothing",
  async () => {
    await using folder = await temporaryFolder();
    await using killed = await startTestSystem({}, folder.path);
    const emails = await acceptEmails(killed, 50);
    for (const pid of killed.system.pids()) Deno.kill(pid, "SIGKILL");
    await killed[Symbol.asyncDispose]();
    await using test = await startTestSystem({}, folder.path);
    await allArchivedOnce(test.archived, emails);
    equal((await test.archived()).length, emails.length);
  },
);

/** Waits until each poll that archived a mail has ended: while it lasts, it takes the next mail as well. */
async function pollsAreOver({ archived, lines }: Scenario): Promise<void> {
  await waitFor("the polls are over", async () => {
    const { length: count } = await archived();
    const counts = lines.map((line) => Number(/Archived (\d+) of/.exec(line)?.[1] ?? 0));
    return counts.reduce((sum, one) => sum + one, 0) >= count;
  });
}

/** The trace of a poll that handled an email. */
function pollOf(
  { traces }: Scenario,
  traceId: string,
  expected: ExpectedTrace | ExpectedSpans = ["poll-email", "delete-message"],
): Promise<readonly ZipkinSpan[]> {
  const query = { serviceName: "mail-poller", annotationQuery: `origin.trace_id=${traceId}` };
  return traces.findTrace(query, expected);
}

/** The trace that the emailer began for our message without a context. */
function traceOfMessage(
  { traces }: Scenario,
  messageId: string,
  expected: ExpectedTrace,
): Promise<readonly ZipkinSpan[]> {
  const query = { serviceName: "emailer", annotationQuery: `correlation_id=${messageId}` };
  return traces.findTrace(query, expected);
}

/** Publishes a message without the message server; returns its id. */
async function publish(s: Scenario, content: Buffer, options: Options.Publish = {}) {
  const messageId = crypto.randomUUID();
  await using session = await openBrokerSession([new URL(s.direct.AMQP_URL ?? "")], "journey_test");
  session.channel.publish(EXCHANGE, ROUTING_KEY, content, { messageId, ...options });
  await session.channel.waitForConfirms();
  return messageId;
}

/** Publishes as the original's Python server did: no time of the publish, no attempt, no Message-ID. */
function publishForeign(s: Scenario, headers: Readonly<Record<string, string>>): Promise<string> {
  return publish(s, Buffer.from(JSON.stringify(EMAIL)), {
    appId: "messageserver/0.0.0",
    contentType: "application/json",
    headers,
  });
}

function newIds(): { readonly traceId: string; readonly spanId: string } {
  return { traceId: randomHex(32), spanId: randomHex(16) };
}

/**
 * The APIs behind the message server's page, in a whole system: with the embedded collector and, where `TEST_ZIPKIN_URL` names
 * one, with a real Zipkin, which holds the traces of others as well.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { emailTrace } from "@playground/server/trace-view";
import { archivedMail } from "@playground/shared/email";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { AcceptedEmail } from "@playground/tasks/clients/message-server";
import { acceptEmail, BOUNCING, emailTo } from "../fixture/emails.ts";
import { EventReader } from "../fixture/event_reader.ts";
import { emailList, listedEmails, shownTrace } from "../fixture/page_api.ts";
import { COLLECTORS } from "../fixture/real_components.ts";
import { type Steps, takeSteps } from "../fixture/steps.ts";
import { runTask } from "../fixture/task_process.ts";
import {
  isIn,
  startTestSystem,
  type TestSystem,
  type TraceSnapshot,
  traceUntil,
} from "../fixture/test_system.ts";
import { isAs, onlyFailed, TraceReader } from "../fixture/traces.ts";
import { getJson, post, randomHex } from "../fixture/zipkin.ts";

const HOUR_MS = 60 * 60 * 1_000;

/** Sends an email in the trace of a caller. */
function sendIn(
  test: TestSystem,
  { traceId, id }: Pick<ZipkinSpan, "traceId" | "id">,
  document = {},
): Promise<AcceptedEmail> {
  return acceptEmail(test, document, {
    "X-B3-TraceId": traceId,
    "X-B3-SpanId": id,
    "X-B3-Sampled": "1",
  });
}

const listed = ({ system }: TestSystem) => listedEmails(system.urls.messageServer);

const readTrace = ({ system }: TestSystem, traceId: string) =>
  shownTrace(system.urls.messageServer, traceId);

function openEvents({ system }: TestSystem, query: string): Promise<EventReader> {
  return EventReader.open(new URL(`/api/events?${query}`, system.urls.messageServer));
}

/** The log records in the spans of a trace. */
const logsIn = (spans: readonly ZipkinSpan[]) =>
  spans.flatMap(({ name, annotations = [] }) =>
    annotations.map(({ value }) => `${name}: ${value}`)
  );

const STEPS: Steps<TestSystem> = {
  async "an email's whole story is told, and shown as it goes on"(test) {
    const email = await acceptEmail(test, {
      ...emailTo("you@Example.ORG"),
      subject: "Something <b>catchy</b>",
    });
    await using events = await openEvents(test, `trace=${email.traceId}`);

    const last = await events.until("trace", (data) => {
      const { state, mail, spans } = emailTrace.parse(data);
      return state?.name === "archived" && mail !== undefined && isAs(["delete-message"])(spans);
    });
    const { state, rows, diagram, mail, traceUrl } = emailTrace.parse(last);
    equal(state?.name, "archived");
    equal(traceUrl, email.traceUrl);
    deepEqual(diagram?.edges.map(({ state }) => state), Array(6).fill("done"));
    const names = rows.map(({ name }) => name);
    for (const name of ["schedule-email", "amqp-publish", "emailer", "send-email"]) {
      ok(names.includes(name), name);
    }
    ok(names.includes("store-message"), "the poll is in the picture as well");

    const summary = (await listed(test)).find(({ traceId }) => traceId === email.traceId);
    ok(summary);
    deepEqual(
      [summary.emailId, summary.state, summary.recipientDomain, summary.synthetic],
      [email.id, { name: "archived" }, "example.org", false],
    );
    await events.until("emails", (data) => {
      const { emails } = emailList.parse(data);
      return emails.some(({ traceId }) => traceId === email.traceId);
    });
    deepEqual(events.latest("collector"), { status: "available" });

    const shown = archivedMail.parse(
      await getJson(`${test.system.urls.messageServer}/api/mails/${mail?.documentId}`),
    );
    equal(shown.subject, "Something <b>catchy</b>");
    equal(shown.text, "Whatever you want");
    equal(shown.deliveries.length, 1);
  },

  async "two emails in one trace are two, whatever becomes of the other"(test) {
    const job = { traceId: randomHex(32), id: randomHex(16) };
    const dead = await sendIn(test, job, BOUNCING);
    const good = await sendIn(test, job);
    equal(dead.traceId, good.traceId);
    await using events = await openEvents(test, `trace=${good.traceId}&email=${good.id}`);
    // The services report the spans of an email at different times.
    for (
      const [{ id }, state, steps] of [
        [dead, "dead-lettered", onlyFailed("emailer", "send-email").spans],
        [good, "archived", ["send-email", "archive-email", "delete-message", "poll-email"]],
      ] as const
    ) {
      const halves = ["PRODUCER", "CONSUMER"].map((kind) => ({ name: "amqp-publish", kind }));
      const spans = ["schedule-email", ...halves, ...steps];
      const isWhole = (trace: TraceSnapshot) => isIn(state)(trace) && isAs(spans)(trace.spans);
      await traceUntil(test.client, job.traceId, isWhole, id);
    }

    const rows = (await listed(test)).filter(({ traceId }) => traceId === job.traceId);
    deepEqual(rows.map(({ emailId, state }) => [emailId, state.name]), [
      [good.id, "archived"],
      [dead.id, "dead-lettered"],
    ]);
    const { state, emails } = await readTrace(test, job.traceId);
    equal(state?.name, "dead-lettered");
    deepEqual(emails.map(({ emailId }) => emailId), [dead.id, good.id]);
    const followed = emailTrace.parse(
      await events.until("trace", (data) => emailTrace.parse(data).state?.name === "archived"),
    );
    equal(followed.emailId, good.id);
  },

  async "a trace of 64 bits is found in both spellings"(test) {
    const short = randomHex(16);
    const long = short.padStart(32, "0");
    const email = await sendIn(test, { traceId: short, id: randomHex(16) });
    equal(email.traceId, long);
    await traceUntil(test.client, long, isIn("archived"));
    const summary = (await listed(test)).find(({ emailId }) => emailId === email.id);
    equal(summary?.traceId, long);
    for (const traceId of [short, long]) {
      const trace = await readTrace(test, traceId);
      deepEqual([trace.traceId, trace.state?.name], [long, "archived"]);
      ok(trace.rows.some(({ name }) => name === "store-message"), "its poll is there as well");
      await using events = await openEvents(test, `trace=${traceId}`);
      await events.until("trace", (data) => emailTrace.parse(data).traceId === long);
    }
    const { output } = await runTask("trace", [short, "--zipkin", test.system.urls.zipkin]);
    for (const name of ["schedule-email", "poll-email", "store-message"]) {
      ok(output.includes(name), `${name} in ${output}`);
    }
  },

  async "an email is listed by its own time, whatever its caller's root says"(test) {
    const nowMs = Date.now();
    const emails: AcceptedEmail[] = [];
    for (
      const root of [
        { timestamp: (nowMs - 25 * HOUR_MS) * 1_000 },
        { timestamp: (nowMs - 400 * 24 * HOUR_MS) * 1_000 },
        { timestamp: nowMs }, // In milliseconds.
        { timestamp: (nowMs + HOUR_MS) * 1_000 },
        {},
      ]
    ) {
      const caller = { traceId: randomHex(32), id: randomHex(16) };
      const span = { ...caller, name: "nightly-job", localEndpoint: { serviceName: "caller" } };
      const stored = await post(test.system.urls.zipkin, JSON.stringify([{ ...span, ...root }]));
      equal(stored.status, 202);
      emails.push(await sendIn(test, caller));
    }
    const ids = emails.map(({ id }) => id);
    const own = async () =>
      (await listed(test)).filter(({ emailId = "" }) => ids.includes(emailId));
    await waitFor("all are listed as archived", async () => {
      const rows = await own();
      return rows.length === ids.length && rows.every(({ state }) => state.name === "archived");
    });
    const rows = await own();
    deepEqual(rows.map(({ emailId }) => emailId), ids.toReversed());
    ok(rows.every(({ scheduledAt }) => Math.abs(Date.parse(scheduledAt) - nowMs) < 60_000));
  },

  async "what a service logs stands in its span, once"(test) {
    const { id, traceId } = await acceptEmail(test, BOUNCING);
    const { spans } = await traceUntil(
      test.client,
      traceId,
      (trace) =>
        isIn("dead-lettered")(trace) && isAs(onlyFailed("emailer", "send-email"))(trace.spans),
    );
    for (const { annotations = [], timestamp = 0, duration = 0 } of spans) {
      for (const { timestamp: loggedAt, value } of annotations) {
        const atUs = loggedAt - timestamp;
        ok(atUs >= 0 && atUs <= duration, `${value} at ${atUs} µs of its span`);
      }
    }
    // The collector has them in the order of their arrival.
    const logs = logsIn(spans.toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0)));
    deepEqual(logs, [
      `schedule-email: INFO Accepted email ${id}`,
      `emailer: WARNING Email ${id} is dead-lettered at attempt 1: ` +
      "refused for good: 550 no such user",
    ]);
    const zipkin = `--zipkin=${test.system.urls.zipkin}`;
    const { output } = await runTask("trace", [traceId, zipkin, "--logs"]);
    match(output, new RegExp(`· +\\S+ m?s INFO Accepted email ${id}`));

    const text = "Archived 1 of 1 messages";
    const writtenCount = () => test.lines.filter((line) => line.includes(text)).length;
    const before = writtenCount();
    const other = await acceptEmail(test);
    const archived = (await traceUntil(test.client, other.traceId, isIn("archived"))).spans
      .find(({ name }) => name === "archive-email");
    const poll = await new TraceReader(test.system.urls.zipkin).traceUntil(
      archived?.tags?.["poll.trace_id"] ?? "",
      ["poll-email"],
    );
    deepEqual(logsIn(poll), [`poll-email: INFO ${text}`]);
    await waitFor("the line is read", () => writtenCount() > before);
    equal(writtenCount() - before, 1);
  },
};

for (const { name, settings, options } of COLLECTORS) {
  integrationTest(`the page's API (${name} Zipkin)`, async (context) => {
    await using test = await startTestSystem(settings());
    await takeSteps(context, test, STEPS);
  }, options);
}

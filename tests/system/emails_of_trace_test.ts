/**
 * Emails in a trace of their caller's: two in one, 64 bits long, begun at another time. On the stand-ins and, where
 * `TEST_ZIPKIN_URL` names one, with a real Zipkin.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { emailSummary, emailTrace } from "@playground/server/trace-view";
import { integrationTest, runDeno, waitFor } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { type AcceptedEmail, followEmail } from "@playground/tasks/clients/message-server";
import { z } from "zod";
import { EventReader } from "../fixture/event_reader.ts";
import { COLLECTORS, getJson, sendTo } from "../fixture/page_api.ts";
import { startTestSystem, type TestSystem } from "../fixture/test_system.ts";
import { post, randomHex } from "../fixture/zipkin.ts";

const BOUNCING = "bounce+550+no+such+user@example.com";
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Sends an email in the trace of a caller, who reports its own span. */
function send(
  test: TestSystem,
  recipient: string,
  { traceId, id }: Pick<ZipkinSpan, "traceId" | "id">,
): Promise<AcceptedEmail> {
  return sendTo(test, recipient, {
    "X-B3-TraceId": traceId,
    "X-B3-SpanId": id,
    "X-B3-Sampled": "1",
  });
}

async function listed(test: TestSystem) {
  const { emails } = z.object({ emails: z.array(emailSummary) }).parse(
    await getJson(test, "/api/emails?limit=100"),
  );
  return emails;
}

/** Follows an email as `deno task send-email` does, until it stays as it is. */
async function endOf({ client }: TestSystem, email: AcceptedEmail): Promise<string> {
  const { end, state } = await followEmail({
    client,
    email,
    timeoutMs: 60_000,
    onProgress: () => {},
  });
  return `${end}: ${state.name}`;
}

for (const { name, settings, options } of COLLECTORS) {
  integrationTest(
    `two emails in one trace (${name} Zipkin) are two, whatever becomes of the other`,
    async () => {
      await using test = await startTestSystem({ settings });
      const job = { traceId: randomHex(32), id: randomHex(16) };
      const dead = await send(test, BOUNCING, job);
      const good = await send(test, "you@example.com", job);
      equal(dead.traceId, good.traceId);
      await using events = await EventReader.open(
        new URL(
          `/api/events?trace=${good.traceId}&email=${good.id}`,
          test.system.urls.messageServer,
        ),
      );
      deepEqual(await Promise.all([endOf(test, dead), endOf(test, good)]), [
        "settled: dead-lettered",
        "settled: archived",
      ]);

      const rows = (await listed(test)).filter(({ traceId }) => traceId === job.traceId);
      deepEqual(rows.map(({ emailId, state }) => [emailId, state.name]), [
        [good.id, "archived"],
        [dead.id, "dead-lettered"],
      ]);

      const path = `/api/traces/${job.traceId}`;
      const whole = emailTrace.parse(await getJson(test, path));
      deepEqual([whole.state.name, whole.emailId], ["dead-lettered", dead.id]);
      deepEqual(whole.emails.map(({ emailId }) => emailId), [dead.id, good.id]);
      equal(whole.rows.filter(({ name }) => name === "emailer").length, 2);

      for (
        const [email, state, sending, storing] of [
          [dead, "dead-lettered", "failed", "idle"],
          [good, "archived", "done", "done"],
        ] as const
      ) {
        const one = emailTrace.parse(await getJson(test, `${path}?email=${email.id}`));
        equal(one.state.name, state);
        deepEqual(one.emails, whole.emails);
        equal(one.rows.filter(({ name }) => name === "emailer").length, 1);
        equal(one.diagram.edges.find(({ id }) => id === "emailer>mailtrap")?.state, sending);
        equal(one.diagram.edges.find(({ id }) => id === "mail-poller>mongodb")?.state, storing);
        equal(one.mail !== undefined, state === "archived");
        equal(one.rows.some(({ name }) => name === "poll-email"), state === "archived");
      }
      const followed = emailTrace.parse(
        await events.until("trace", (data) => emailTrace.parse(data).state.name === "archived"),
      );
      equal(followed.emailId, good.id);
    },
    options,
  );

  integrationTest(`a trace of 64 bits (${name} Zipkin) is found in both spellings`, async () => {
    await using test = await startTestSystem({ settings });
    const short = randomHex(16);
    const long = short.padStart(32, "0");
    const email = await send(test, "you@example.com", { traceId: short, id: randomHex(16) });
    equal(email.traceId, long);
    equal(await endOf(test, email), "settled: archived");
    const [summary] = (await listed(test)).filter(({ emailId }) => emailId === email.id);
    equal(summary?.traceId, long);
    for (const traceId of [short, long]) {
      const trace = emailTrace.parse(await getJson(test, `/api/traces/${traceId}`));
      deepEqual([trace.traceId, trace.state.name], [long, "archived"]);
      ok(trace.rows.some(({ name }) => name === "store-message"), "its poll is there as well");
      await using events = await EventReader.open(
        new URL(`/api/events?trace=${traceId}`, test.system.urls.messageServer),
      );
      await events.until("trace", (data) => emailTrace.parse(data).traceId === long);
      const { code, stdout, stderr } = await runDeno([
        "run",
        "--no-prompt",
        "--allow-net",
        "--allow-read",
        "--allow-env",
        "tasks/trace/main.ts",
        traceId,
        "--zipkin",
        test.system.urls.zipkin,
      ]);
      equal(code, 0, stderr);
      for (const name of ["schedule-email", "poll-email", "store-message"]) {
        ok(stdout.includes(name), `${name} in ${stdout}`);
      }
    }
  }, options);

  integrationTest(
    `an email is listed by its own time (${name} Zipkin), whatever its caller's root says`,
    async () => {
      await using test = await startTestSystem({ settings });
      const nowMs = Date.now();
      const roots: readonly Partial<ZipkinSpan>[] = [
        { timestamp: (nowMs - 25 * 60 * 60 * 1_000) * 1_000 },
        { timestamp: (nowMs - 400 * DAY_MS) * 1_000 },
        { timestamp: nowMs }, // In milliseconds.
        { timestamp: (nowMs + 60 * 60 * 1_000) * 1_000 },
        {},
      ];
      const emails: AcceptedEmail[] = [];
      for (const root of roots) {
        const caller = { traceId: randomHex(32), id: randomHex(16) };
        const span = { ...caller, name: "nightly-job", localEndpoint: { serviceName: "caller" } };
        equal(
          (await post(test.system.urls.zipkin, JSON.stringify([{ ...span, ...root }]))).status,
          202,
        );
        emails.push(await send(test, "you@example.com", caller));
      }
      const ids = emails.map(({ id }) => id);
      await waitFor("all are listed as archived", async () => {
        const rows = await listed(test);
        return ids.every((id) =>
          rows.some(({ emailId, state }) => emailId === id && state.name === "archived")
        );
      }, 30_000);
      const own = (await listed(test)).filter(({ emailId }) => ids.includes(emailId ?? ""));
      deepEqual(own.map(({ emailId }) => emailId), ids.toReversed());
      ok(own.every(({ scheduledAt }) => Math.abs(Date.parse(scheduledAt) - nowMs) < 60_000));
    },
    options,
  );
}

integrationTest(
  "two emails in one trace are two where the poll's steps stand in it as well",
  async () => {
    await using test = await startTestSystem({ settings: { TRACE_THROUGH_SMTP: "join" } });
    const job = { traceId: randomHex(32), id: randomHex(16) };
    const dead = await send(test, BOUNCING, job);
    const good = await send(test, "you@example.com", job);
    deepEqual(await Promise.all([endOf(test, dead), endOf(test, good)]), [
      "settled: dead-lettered",
      "settled: archived",
    ]);
    const counts = await Promise.all([dead, good].map(async ({ traceId, id }) => {
      const { rows } = emailTrace.parse(await getJson(test, `/api/traces/${traceId}?email=${id}`));
      return rows.filter(({ name }) => name === "store-message").length;
    }));
    deepEqual(counts, [0, 1]);
  },
);

/**
 * What the page of the message server lives on, in a whole system: with the embedded collector and, where `TEST_ZIPKIN_URL` names
 * one, with a real Zipkin.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { archivedMail } from "@playground/shared/email";
import { emailSummary, type EmailTrace, emailTrace } from "@playground/server/trace-view";
import { hasTestPermissions, integrationTest, waitFor } from "@playground/shared/testing";
import type { AcceptedEmail } from "@playground/tasks/clients/message-server";
import { z } from "zod";
import { EventReader } from "../fixture/event_reader.ts";
import { acceptEmail, ServiceProcess } from "../fixture/service_process.ts";
import { freePort } from "../fixture/ports.ts";
import { startTestSystem, type TestSystem } from "../fixture/test_system.ts";

const zipkinUrl = hasTestPermissions ? Deno.env.get("TEST_ZIPKIN_URL") : undefined;
const TARGETS = [
  { name: "stand-in", settings: {}, options: {} },
  {
    name: "real",
    settings: zipkinUrl === undefined ? {} : { ZIPKIN_URL: zipkinUrl },
    options: zipkinUrl === undefined ? { ignoredBecause: "set TEST_ZIPKIN_URL to run it" } : {},
  },
] as const;

const emailsBody = z.object({ emails: z.array(emailSummary) });

/** Sends an email that must be accepted. */
async function send({ client }: TestSystem, recipient: string): Promise<AcceptedEmail> {
  const posted = await client.postEmail({
    sender: { address: "me@example.com" },
    recipient: { address: recipient },
    subject: "Something <b>catchy</b>",
    body: "Whatever you want",
  });
  ok(posted.status === "accepted", JSON.stringify(posted));
  return posted.email;
}

async function getJson({ system }: TestSystem, path: string): Promise<unknown> {
  const response = await fetch(new URL(path, system.urls.messageServer));
  equal(response.status, 200, `${path} answered ${response.status}`);
  return await response.json();
}

/** What the server says of an email, once it is as expected. */
async function traceWhen(
  test: TestSystem,
  traceId: string,
  what: string,
  isReached: (trace: EmailTrace) => boolean,
): Promise<EmailTrace> {
  let trace: EmailTrace | undefined;
  await waitFor(what, async () => {
    const response = await fetch(
      new URL(`/api/traces/${traceId}`, test.system.urls.messageServer),
    );
    const body = await response.json();
    trace = response.ok ? emailTrace.parse(body) : undefined;
    return trace !== undefined && isReached(trace);
  }, 30_000);
  ok(trace);
  return trace;
}

for (const { name, settings, options } of TARGETS) {
  integrationTest(`the page's API (${name} Zipkin) tells an email's whole story`, async () => {
    await using test = await startTestSystem({ settings });
    const email = await send(test, "you@Example.ORG");
    await using events = await EventReader.open(
      new URL(`/api/events?trace=${email.traceId}`, test.system.urls.messageServer),
    );

    const last = await events.until("trace", (data) => {
      const { state, mail, spans } = emailTrace.parse(data);
      return state.name === "archived" && mail !== undefined &&
        spans.some(({ name }) => name === "delete-message");
    });
    const { state, rows, diagram, mail, traceUrl } = emailTrace.parse(last);
    equal(state.name, "archived");
    equal(traceUrl, email.traceUrl);
    deepEqual(diagram.edges.map(({ state }) => state), Array(6).fill("done"));
    const names = rows.map(({ name }) => name);
    for (const name of ["schedule-email", "amqp-publish", "emailer", "send-email"]) {
      ok(names.includes(name), name);
    }
    ok(names.includes("store-message"), "the poll is in the picture as well");

    const known = events.latest("emails");
    const { emails } = emailsBody.parse(await getJson(test, "/api/emails?limit=5"));
    const summary = emails.find(({ traceId }) => traceId === email.traceId);
    ok(summary);
    deepEqual(
      [summary.emailId, summary.state, summary.recipientDomain, summary.synthetic],
      [email.id, { name: "archived" }, "example.org", false],
    );
    ok(emailsBody.parse(known).emails.some(({ traceId }) => traceId === email.traceId));
    deepEqual(events.latest("collector"), { status: "available" });

    const shown = archivedMail.parse(await getJson(test, `/api/mails/${mail?.documentId}`));
    equal(shown.subject, "Something <b>catchy</b>");
    equal(shown.text, "Whatever you want");
    equal(shown.deliveries.length, 1);
  }, options);

  integrationTest(`the page's API (${name} Zipkin) tells of a retry when it is due`, async () => {
    await using test = await startTestSystem({ settings: { ...settings, RETRY_DELAYS: "1m" } });
    const email = await send(test, "bounce+451+try+later@example.com");
    const { state, diagram } = await traceWhen(
      test,
      email.traceId,
      "the retry is told",
      ({ state }) => state.name === "retrying" && state.nextAttemptAt !== undefined,
    );
    ok(state.name === "retrying");
    deepEqual([state.attempt, state.maxAttempts], [1, 2]);
    match(state.reason, /^451/);
    const waitMs = Date.parse(state.nextAttemptAt ?? "") - Date.now();
    ok(waitMs > 20_000 && waitMs <= 60_000, `${waitMs}`);
    const queue = diagram.edges.find(({ id }) => id === "rabbitmq>emailer");
    deepEqual([queue?.waiting, queue?.state], [true, "active"]);
    equal(diagram.edges.find(({ id }) => id === "emailer>mailtrap")?.state, "failed");
  }, options);
}

integrationTest("the page's API knows all emails after a restart of the server", async () => {
  await using test = await startTestSystem();
  const environment = { ...test.system.standInVariables, ARCHIVE_URL: "" };
  const traceIds: string[] = [];
  {
    await using server = new ServiceProcess("message-server", { environment });
    await server.ready();
    for (let count = 0; count < 3; count++) traceIds.push((await acceptEmail(server)).traceId);
  }
  await using server = new ServiceProcess("message-server", { environment });
  await server.ready();
  await waitFor("all emails are archived", async () => {
    const response = await fetch(`${server.url}/api/emails`);
    const { emails } = emailsBody.parse(await response.json());
    return traceIds.every((id) =>
      emails.some(({ traceId, state }) => traceId === id && state.name === "archived")
    );
  }, 30_000);
});

integrationTest("the page's API goes on while the collector is away", async () => {
  await using test = await startTestSystem();
  const environment = {
    ...test.system.standInVariables,
    ZIPKIN_URL: `http://127.0.0.1:${freePort()}`,
  };
  await using server = new ServiceProcess("message-server", { environment });
  await server.ready();
  const response = await fetch(`${server.url}/api/emails`);
  equal(response.status, 503);
  match(await response.text(), /the collector cannot be asked: /);

  await using events = await EventReader.open(new URL("/api/events", server.url));
  const status = z.object({ status: z.string(), reason: z.string() }).parse(
    await events.until("collector", () => true),
  );
  equal(status.status, "unavailable");
  match(status.reason, /cannot be asked/);
});

integrationTest("the message server stops at once, whoever listens to its streams", async () => {
  await using test = await startTestSystem();
  const environment = test.system.standInVariables;
  const server = new ServiceProcess("message-server", { environment });
  await server.ready();
  const readers = await Promise.all(
    Array.from({ length: 5 }, () => EventReader.open(new URL("/api/events", server.url))),
  );
  for (const reader of readers) await reader.until("collector", () => true);
  await server[Symbol.asyncDispose]();
  // A stop that waits for a stream is cut off, and ends with 1.
  equal(await server.exitCode, 0);
  for (const reader of readers) {
    await reader.ended;
    await reader[Symbol.asyncDispose]();
  }
});

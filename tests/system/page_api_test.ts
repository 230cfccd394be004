/**
 * What the page of the message server lives on, in a whole system: with the embedded collector and, where `TEST_ZIPKIN_URL` names
 * one, with a real Zipkin.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { archivedMail } from "@playground/shared/email";
import { emailSummary, emailTrace } from "@playground/server/trace-view";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { z } from "zod";
import { EventReader } from "../fixture/event_reader.ts";
import { COLLECTORS, getJson, sendTo } from "../fixture/page_api.ts";
import { acceptEmail, ServiceProcess } from "../fixture/service_process.ts";
import { startTestSystem } from "../fixture/test_system.ts";

const emailsBody = z.object({ emails: z.array(emailSummary) });

for (const { name, settings, options } of COLLECTORS) {
  integrationTest(`the page's API (${name} Zipkin) tells an email's whole story`, async () => {
    await using test = await startTestSystem({ settings });
    const email = await sendTo(test, "you@Example.ORG");
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

import { deepEqual, equal, ok } from "node:assert/strict";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { startTestTracing, type TestTracing } from "@playground/shared/testing/telemetry";
import { ENOUGH_ROOM, FakeInbox } from "../testing/fakes.ts";
import { mailOf, ORIGIN } from "../testing/mails.ts";
import { tracedInbox } from "./traced_inbox.ts";

/** Lists, fetches and deletes the newest message of an inbox within a poll. */
async function visit(
  { tracing }: TestTracing,
  inbox: FakeInbox,
  traceThroughSmtp: TraceThroughSmtp = "link",
): Promise<void> {
  const traced = tracedInbox(inbox, { tracing, traceThroughSmtp });
  await tracing.inSpan("poll-email", {}, async () => {
    const list = await traced.list();
    const [message] = list.outcome === "ok" ? list.value.messages : [];
    if (message === undefined) return;
    const fetched = await traced.fetch(message, ENOUGH_ROOM);
    await traced.delete(
      message,
      fetched.outcome === "ok" ? fetched.value.mail.origin : undefined,
    );
  });
}

const STEPS = ["fetch-message", "delete-message"] as const;

Deno.test("tracedInbox() shows each request as a call to Mailtrap", async () => {
  await using test = startTestTracing({ serviceName: "mail-poller" });
  await visit(test, new FakeInbox([mailOf()]));
  const pollSpanId = test.exporter.getSpan("poll-email").spanContext().spanId;
  for (const name of ["fetch-inbox", ...STEPS]) {
    const method = name === "delete-message" ? "DELETE" : "GET";
    const { kind, parentId, remoteEndpoint, tags } = test.exporter.getZipkinSpan(name);
    equal(kind, "CLIENT");
    equal(parentId, pollSpanId);
    deepEqual(remoteEndpoint, { serviceName: "mailtrap", port: 443 });
    const url = "https://mailtrap.example/api/sandboxes/1/messages";
    deepEqual(tags, {
      "peer.service": "mailtrap",
      "peer.hostname": "mailtrap.example",
      "peer.port": "443",
      "server.address": "mailtrap.example",
      "server.port": "443",
      "http.method": method,
      "http.request.method": method,
      "http.url": url,
      "url.full": url,
      "http.status": "200",
      "http.response.status_code": "200",
    });
  }
});

Deno.test("tracedInbox() shows nothing of a look into an empty inbox", async () => {
  await using test = startTestTracing();
  await visit(test, new FakeInbox(0));
  deepEqual(test.exporter.spans.map(({ name }) => name), ["poll-email"]);
});

for (
  const [request, name] of [
    ["list", "fetch-inbox"],
    ["fetch 1", "fetch-message"],
    ["delete 1", "delete-message"],
  ] as const
) {
  for (const [outcome, type] of [["failed", "500"], ["refused", "refused"]] as const) {
    Deno.test(`tracedInbox() shows a ${request} that is ${outcome} as an error with its reason`, async () => {
      await using test = startTestTracing();
      const inbox = new FakeInbox(1);
      inbox.faults.set(request, { outcome, reason: "It is a page" });
      await visit(test, inbox);
      const { tags } = test.exporter.getZipkinSpan(name);
      deepEqual([tags?.["error"], tags?.["error.type"]], ["It is a page", type]);
      const errors = test.exporter.spans.filter(({ status }) => status.message !== undefined);
      equal(errors.length, 1);
    });
  }
}

Deno.test("tracedInbox() shows a doubtful mail as an error of its email", async () => {
  await using test = startTestTracing();
  const inbox = new FakeInbox([mailOf({ sampled: "1" })]);
  inbox.doubts.set(1, { reason: "It may be half a mail", isEndShown: true });
  await visit(test, inbox);
  const { tags } = test.exporter.getZipkinSpan("fetch-message");
  equal(tags?.["error"], "It may be half a mail");
  equal(tags?.["origin.trace_id"], ORIGIN.traceId);
});

Deno.test("tracedInbox() shows an item of the list that is no message as an error", async () => {
  await using test = startTestTracing();
  const inbox = new FakeInbox(0);
  inbox.listProblems = ["Item 1 has no id"];
  await visit(test, inbox);
  equal(test.exporter.getZipkinSpan("fetch-inbox").tags?.["error"], "Item 1 has no id");
});

Deno.test("tracedInbox() shows a message that is gone, not as an error", async () => {
  await using test = startTestTracing();
  const inbox = new FakeInbox(1);
  inbox.faults.set("delete 1", "gone");
  await visit(test, inbox);
  const { tags } = test.exporter.getZipkinSpan("delete-message");
  equal(tags?.["http.status"], "404");
  equal(tags?.["error"], undefined);
});

Deno.test("tracedInbox() makes up no status where there was no answer", async () => {
  await using test = startTestTracing();
  const inbox = tracedInbox({
    list: () =>
      Promise.resolve({
        outcome: "failed",
        reason: "Mailtrap cannot be reached",
        request: { method: "GET", url: "http://127.0.0.1:8025/x" },
      }),
    fetch: () => Promise.reject(new Error("not called")),
    delete: () => Promise.reject(new Error("not called")),
  }, { tracing: test.tracing, traceThroughSmtp: "link" });
  await inbox.list();
  const { tags, remoteEndpoint } = test.exporter.getZipkinSpan("fetch-inbox");
  equal(tags?.["http.status"], undefined);
  equal(remoteEndpoint?.port, 8025);
});

for (const mode of ["link", "join", "off"] as const) {
  Deno.test(`tracedInbox() places the steps for a mail as mode ${mode} says`, async () => {
    await using test = startTestTracing();
    await visit(test, new FakeInbox([mailOf({ sampled: "1" })]), mode);
    const pollSpan = test.exporter.getSpan("poll-email").spanContext();
    equal(test.exporter.getSpan("fetch-inbox").parentSpanContext?.spanId, pollSpan.spanId);
    const parent = mode === "join" ? ORIGIN : pollSpan;
    const origin = mode === "off" ? { traceId: undefined, spanId: undefined } : ORIGIN;
    for (const name of STEPS) {
      const span = test.exporter.getSpan(name);
      const { parentSpanContext, links, attributes } = span;
      equal(span.spanContext().traceId, parent.traceId);
      equal(parentSpanContext?.spanId, parent.spanId);
      deepEqual(
        links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
        mode === "link" ? [ORIGIN] : [],
      );
      equal(attributes["origin.trace_id"], origin.traceId);
      equal(attributes["origin.span_id"], origin.spanId);
    }
  });
}

for (const mode of ["link", "join"] as const) {
  Deno.test(`tracedInbox() shows no step for an email that is not sampled in mode ${mode}`, async () => {
    await using test = startTestTracing();
    const inbox = new FakeInbox([mailOf({ sampled: "0" })]);
    await visit(test, inbox, mode);
    deepEqual(test.exporter.spans.map(({ name }) => name), ["fetch-inbox", "poll-email"]);
    deepEqual(inbox.ids, []);
  });
}

Deno.test("tracedInbox() writes no part of a mail into a span", async () => {
  await using test = startTestTracing();
  await visit(test, new FakeInbox([mailOf({ body: "confidential", sampled: "1" })]));
  const text = JSON.stringify(
    ["fetch-inbox", ...STEPS].map((name) => test.exporter.getZipkinSpan(name)),
  );
  ok(!/confidential|Subject|sender|recipient/.test(text), text);
});

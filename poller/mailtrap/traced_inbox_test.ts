import { deepEqual, equal } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { assertTrace } from "@playground/shared/trace-assertion";
import { ENOUGH_ROOM, FakeInbox } from "../testing/fakes.ts";
import type { Inbox } from "./inbox.ts";
import { tracedInbox } from "./traced_inbox.ts";

const MESSAGE = { id: 1, receivedAt: new Date(0) };

/** Asks an inbox for something; returns the spans. */
async function spansOf(inbox: Inbox, ask: (traced: Inbox) => Promise<unknown>) {
  await using test = startTestTracing();
  await ask(tracedInbox(inbox, test.tracing, "link"));
  return test.exporter.zipkinSpans;
}

Deno.test("tracedInbox() reports no listing of an empty inbox", async () => {
  deepEqual(await spansOf(new FakeInbox(0), (inbox) => inbox.list()), []);
});

for (
  const [request, name, ask] of [
    ["list", "fetch-inbox", (inbox: Inbox) => inbox.list()],
    ["fetch 1", "fetch-message", (inbox: Inbox) => inbox.fetch(MESSAGE, ENOUGH_ROOM)],
    ["delete 1", "delete-message", (inbox: Inbox) => inbox.delete(MESSAGE)],
  ] as const
) {
  for (const [outcome, type] of [["failed", "500"], ["refused", "refused"]] as const) {
    Deno.test(`tracedInbox() shows a ${request} that is ${outcome} as an error with its reason`, async () => {
      const inbox = new FakeInbox(1);
      inbox.faults.set(request, { outcome, reason: "It is a page" });
      const tags = { "error.type": type };
      assertTrace(await spansOf(inbox, ask), [{ name, error: "It is a page", tags }]);
    });
  }
}

Deno.test("tracedInbox() shows an item of the list that is no message as an error", async () => {
  const inbox = new FakeInbox(0);
  inbox.listProblems = ["Item 1 has no id"];
  const spans = await spansOf(inbox, (traced) => traced.list());
  assertTrace(spans, [{ name: "fetch-inbox", error: "Item 1 has no id" }]);
});

Deno.test("tracedInbox() shows a message that is gone, not as an error", async () => {
  const inbox = new FakeInbox(1);
  inbox.faults.set("delete 1", "gone");
  const spans = await spansOf(inbox, (traced) => traced.delete(MESSAGE));
  assertTrace(spans, [{ name: "delete-message", tags: { "http.status": "404" } }]);
});

Deno.test("tracedInbox() reports no status without an answer", async () => {
  const inbox = Object.assign(new FakeInbox(0), {
    list: () =>
      Promise.resolve(
        {
          outcome: "failed",
          reason: "Mailtrap cannot be reached",
          request: { method: "GET", url: "http://127.0.0.1:8025/x" },
        } as const,
      ),
  });
  const spans = await spansOf(inbox, (traced) => traced.list());
  const tags = { "http.status": null, "error.type": "no-answer" };
  assertTrace(spans, [{ name: "fetch-inbox", isFailed: true, tags }]);
  equal(spans[0]?.remoteEndpoint?.port, 8025);
});

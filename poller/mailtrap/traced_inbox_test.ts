import { deepEqual, equal } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { assertTrace } from "@playground/shared/trace-assertion";
import { FakeInbox, OPERATIONS } from "../testing/fakes.ts";
import type { Inbox } from "./inbox.ts";
import { tracedInbox } from "./traced_inbox.ts";

/** Asks an inbox for something; returns the spans. */
async function spansOf(inbox: Inbox, operation: keyof typeof OPERATIONS = "list") {
  await using test = startTestTracing();
  await OPERATIONS[operation](tracedInbox(inbox, test.tracing, "link"));
  return test.exporter.zipkinSpans;
}

Deno.test("tracedInbox() reports no listing of an empty inbox", async () => {
  deepEqual(await spansOf(new FakeInbox(0)), []);
});

const reason = "It is a page";
const refused = { outcome: "refused", reason } as const;
const unanswered = { reason, request: { method: "GET", url: "http://127.0.0.1:8025/x" } };

Deno.test.each([
  ["a list that failed", "list", "list", { reason }, "fetch-inbox", "500"],
  ["a list without an answer", "list", "list", unanswered, "fetch-inbox", "no-answer"],
  ["a list that is refused", "list", "list", refused, "fetch-inbox", "refused"],
  ["a mail that is refused", "fetch", "fetch 1", refused, "fetch-message", "refused"],
  ["a deletion that is refused", "delete", "delete 1", refused, "delete-message", "refused"],
])(
  "tracedInbox() shows %s as an error with its reason",
  async (_what, operation, request, fault, name, type) => {
    const inbox = new FakeInbox(1);
    inbox.faults.set(request, fault);
    const spans = await spansOf(inbox, operation);
    const isAnswered = type !== "no-answer";
    const tags = { "error.type": type, "http.status": isAnswered ? "500" : null };
    assertTrace(spans, [{ name, error: reason, tags }]);
    equal(spans[0]?.remoteEndpoint?.port, isAnswered ? 443 : 8025);
  },
);

Deno.test("tracedInbox() shows an item of the list that is no message as an error", async () => {
  const inbox = new FakeInbox(0);
  inbox.listProblem = "Item 1 has no id";
  assertTrace(await spansOf(inbox), [{ name: "fetch-inbox", error: "Item 1 has no id" }]);
});

Deno.test("tracedInbox() shows a message that is gone, not as an error", async () => {
  const inbox = new FakeInbox(1);
  inbox.faults.set("delete 1", "gone");
  const tags = { "http.status": "404" };
  assertTrace(await spansOf(inbox, "delete"), [{ name: "delete-message", tags }]);
});

import { deepEqual, equal, match } from "node:assert/strict";
import type { PostResult } from "@playground/tasks/clients/message-server";
import { createEmailWriter } from "./emails.ts";
import { Ledger } from "./ledger.ts";

const SERVER = { server: "message-server 1", postedAtMs: 5 };
const email = await createEmailWriter(1, "run")(0);
const accepted = (id: string, traceId = "1"): PostResult => ({
  status: "accepted",
  email: { id, messageId: "", traceId, traceUrl: "", sampled: true },
});
const refused = (httpStatus: number, traceId?: string): PostResult => ({
  status: "refused",
  httpStatus,
  lines: ["Internal error"],
  ...(traceId === undefined ? {} : { traceId }),
});

Deno.test("Ledger counts a promise once, however often it is given, and keeps each trace", () => {
  const ledger = new Ledger();
  ledger.posting(email);
  ledger.answered(email, accepted(email.id, "1"), SERVER);
  ledger.answered(email, accepted(email.id, "2"), SERVER);
  deepEqual([...ledger.accepted], [email.id]);
  deepEqual([...ledger.acceptedTraces], ["1", "2"]);
  equal(ledger.acceptedAgain, 1);
  deepEqual(ledger.violations, []);
});

Deno.test("Ledger knows an email that was posted and not answered, and promises nothing", () => {
  const ledger = new Ledger();
  ledger.posting(email);
  ledger.answered(email, { status: "unreachable", reason: "connection reset" }, SERVER);
  deepEqual([ledger.posted.has(email.id), ledger.accepted.size], [true, 0]);
  equal(ledger.unanswered, 1);
});

Deno.test("Ledger takes a 503 as it is, any other refusal for a broken promise", () => {
  const ledger = new Ledger(() => 7);
  ledger.answered(email, refused(503, "1"), SERVER);
  deepEqual(ledger.violations, []);
  deepEqual(ledger.refusals, [{ traceId: "1", server: SERVER.server, betweenMs: [5, 7] }]);
  ledger.answered(email, refused(500, "2"), SERVER);
  match(ledger.violations.join(), /HTTP 500 Internal error/);
  deepEqual(Object.fromEntries(ledger.replies), { "HTTP 503": 1, "HTTP 500": 1 });
});

Deno.test("Ledger takes a refusal that names no trace for a broken promise", () => {
  const ledger = new Ledger();
  ledger.answered(email, refused(503), SERVER);
  match(ledger.violations.join(), /names no trace/);
});

Deno.test("Ledger takes another id than that of the Idempotency-Key for a broken promise", () => {
  const ledger = new Ledger();
  ledger.answered(email, accepted("another"), SERVER);
  match(ledger.violations.join(), /was accepted as another/);
});

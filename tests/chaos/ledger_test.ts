import { deepEqual, equal, match } from "node:assert/strict";
import type { PostResult } from "@playground/tasks/message-server";
import { createEmailWriter } from "./emails.ts";
import { Ledger } from "./ledger.ts";

const email = await createEmailWriter(1, "run")(0);
const accepted = (id: string): PostResult => ({
  status: "accepted",
  email: { id, messageId: "", traceId: "", traceUrl: "", sampled: true },
});

Deno.test("Ledger counts a promise once, however often it is given", () => {
  const ledger = new Ledger();
  ledger.posting(email);
  ledger.answered(email, accepted(email.id));
  ledger.answered(email, accepted(email.id));
  deepEqual([...ledger.accepted], [email.id]);
  equal(ledger.acceptedAgain, 1);
  deepEqual(ledger.violations, []);
});

Deno.test("Ledger knows an email that was posted and not answered, and promises nothing", () => {
  const ledger = new Ledger();
  ledger.posting(email);
  ledger.answered(email, { status: "unreachable", reason: "connection reset" });
  deepEqual([ledger.posted.has(email.id), ledger.accepted.size], [true, 0]);
  equal(ledger.unanswered, 1);
});

Deno.test("Ledger takes a 503 as it is, any other refusal for a broken promise", () => {
  const ledger = new Ledger();
  ledger.answered(email, { status: "refused", httpStatus: 503, lines: ["Email not accepted"] });
  deepEqual(ledger.violations, []);
  ledger.answered(email, { status: "refused", httpStatus: 500, lines: ["Internal error"] });
  match(ledger.violations.join(), /HTTP 500 Internal error/);
  deepEqual(Object.fromEntries(ledger.refusals), { "HTTP 503": 1, "HTTP 500": 1 });
});

Deno.test("Ledger takes another id than that of the Idempotency-Key for a broken promise", () => {
  const ledger = new Ledger();
  ledger.answered(email, accepted("another"));
  match(ledger.violations.join(), /was accepted as another/);
});

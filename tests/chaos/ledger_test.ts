import { deepEqual, match } from "node:assert/strict";
import type { PostResult } from "@playground/tasks/clients/message-server";
import { Ledger } from "./ledger.ts";

const EMAIL = { id: "a", kind: "good" } as const;
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

/** Posts one email repeatedly; the clock advances by one at each reading. */
async function post(...results: readonly PostResult[]): Promise<Ledger> {
  let now = 0;
  const ledger = new Ledger(() => ++now);
  for (const result of results) await ledger.post(EMAIL, "server", () => Promise.resolve(result));
  return ledger;
}

Deno.test("Ledger counts a promise once, however often it is given, and keeps each trace", async () => {
  const ledger = await post(accepted("a", "1"), accepted("a", "2"));
  deepEqual([...ledger.accepted], ["a"]);
  deepEqual([...ledger.acceptedTraces], ["1", "2"]);
  deepEqual([ledger.acceptedAgain, ledger.violations], [1, []]);
});

Deno.test("Ledger knows an email that was posted and not answered, and promises nothing", async () => {
  const ledger = await post({ status: "unreachable", reason: "connection reset" });
  deepEqual([ledger.posted.get("a"), ledger.accepted.size, ledger.unanswered], ["good", 0, 1]);
});

Deno.test("Ledger takes a 503 as it is, and knows when and by whom it was refused", async () => {
  const ledger = await post(refused(503, "1"));
  deepEqual(ledger.violations, []);
  deepEqual(ledger.refusals, [{ traceId: "1", server: "server", betweenMs: [1, 2] }]);
});

Deno.test.each([
  ["any other refusal", refused(500, "1"), /^a was refused: HTTP 500 Internal error$/],
  ["a refusal that names no trace", refused(503), /names no trace/],
  ["another id than that of the Idempotency-Key", accepted("b"), /^a was accepted as b$/],
])("Ledger takes %s for a broken promise", async (_what, result, expected) => {
  match((await post(result)).violations.join("\n"), expected);
});

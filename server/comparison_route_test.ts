import { deepEqual, match } from "node:assert/strict";
import { archived, emailIdOf, firstAttempt, inTrace, ofEmail } from "./testing/email_spans.ts";
import { FakeCollector } from "./testing/fake_collector.ts";
import { problemOf, startTestApp } from "./testing/test_app.ts";
import { traceComparison } from "./trace_view/mod.ts";

const traceIdOf = (number: number) => String(number).repeat(32);

/** A collector with some emails in the order of their numbers; the third was never delivered. */
const reader = (...numbers: readonly number[]) =>
  new FakeCollector(numbers.flatMap((number) => {
    const spans = number === 3
      ? firstAttempt("retried", { error: "451 try later" })
      : [...firstAttempt("delivered"), archived({ atMs: 150 })];
    return inTrace(traceIdOf(number), ofEmail(number, spans), number * 1_000);
  })).reader();

Deno.test("GET /api/compare takes the newest healthy email if no other trace is named", async () => {
  await using app = startTestApp({ emails: reader(1, 2, 3) });
  for (const [left, right] of [[3, 2], [2, 1]] as const) {
    const response = await app.request(`/api/compare?left=${traceIdOf(left)}`);
    const comparison = traceComparison.parse(await response.json());
    deepEqual([comparison.right.traceId, comparison.right.emailId], [
      traceIdOf(right),
      emailIdOf(right),
    ]);
  }
});

Deno.test.each([
  ["", 400, /its id is not valid/],
  ["left=x", 400, /its id is not valid/],
  [`left=${traceIdOf(1)}&right=x`, 400, /its id is not valid/],
  [`left=${traceIdOf(1)}&leftEmail=x`, 400, /the id of the email is not valid/],
  [`left=${traceIdOf(5)}`, 404, /does not know the left one/],
  [`left=${traceIdOf(1)}&right=${traceIdOf(5)}`, 404, /does not know the right one/],
  [`left=${traceIdOf(1)}`, 404, /there is no healthy email to compare it with/],
])("GET /api/compare?%s answers %s", async (query, status, detail) => {
  await using app = startTestApp({ emails: reader(1, 3) });
  match((await problemOf(await app.request(`/api/compare?${query}`), status)).detail, detail);
});

import { deepEqual, equal } from "node:assert/strict";
import { problemOf, readerOf, startTestApp } from "./testing/test_app.ts";
import type { EmailSummary } from "./trace_view/mod.ts";

const EMAIL: EmailSummary = {
  traceId: "463ac35c9f6413ad48485a3978bb5ecc",
  scheduledAt: "2026-11-01T12:00:00.000Z",
  synthetic: false,
  state: { name: "archived" },
  durationMs: 1_500,
  attempts: ["done"],
  spanCount: 5,
};

Deno.test("GET /api/emails answers the recent emails", async () => {
  const emails = readerOf({ status: "unknown" }, [EMAIL]);
  await using app = startTestApp({ emails });
  const response = await app.request("/api/emails");
  equal(response.status, 200);
  deepEqual(await response.json(), { emails: [EMAIL] });
  await app.request("/api/emails?limit=100&from=5&to=7");
  deepEqual(emails.asked, [[20, undefined, undefined], [100, 5, 7]]);
});

Deno.test.each([
  ...["0", "-1", "101", "1.5", "x", "", "0x5", "1e1", "%205", "+5", "5&limit=6"]
    .map((limit) => `limit=${limit}`),
  ...["-1", "x", "8640000000000001", "2026-11-30"].flatMap((
    time,
  ) => [`from=${time}`, `to=${time}`]),
])("GET /api/emails?%s answers 400 and asks nobody", async (query) => {
  const emails = readerOf({ status: "unknown" });
  await using app = startTestApp({ emails });
  await problemOf(await app.request(`/api/emails?${query}`), 400);
  deepEqual(emails.asked, []);
});

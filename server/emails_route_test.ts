import { deepEqual, equal } from "node:assert/strict";
import { problemOf, startTestApp } from "./testing/test_app.ts";
import type { EmailReader, EmailsResult } from "./trace_view/mod.ts";

function readerOfRecent(result: EmailsResult) {
  const questions: unknown[] = [];
  const emails: EmailReader = {
    recent: (...question) => {
      questions.push(question);
      return Promise.resolve(result);
    },
    trace: () => Promise.reject(new Error("It must not be asked")),
  };
  return { emails, questions };
}

const EMAILS: EmailsResult = {
  status: "found",
  emails: [{
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    scheduledAt: "2026-11-01T12:00:00.000Z",
    synthetic: false,
    state: { name: "archived" },
    durationMs: 1_500,
    attempts: ["done"],
    spanCount: 5,
  }],
};

Deno.test("GET /api/emails answers the recent emails", async () => {
  const { emails, questions } = readerOfRecent(EMAILS);
  await using app = startTestApp({ emails });
  const response = await app.request("/api/emails");
  equal(response.status, 200);
  deepEqual(await response.json(), { emails: EMAILS.status === "found" ? EMAILS.emails : [] });
  await app.request("/api/emails?limit=100&from=5&to=7");
  deepEqual(questions, [[20, undefined, undefined], [100, 5, 7]]);
});

const NOT_VALID = [
  ...["0", "-1", "101", "1.5", "x", "", "0x5", "1e1", "%205", "+5", "5&limit=6"]
    .map((limit) => `limit=${limit}`),
  ...["-1", "x", "8640000000000001", "2026-11-30"].flatMap((
    time,
  ) => [`from=${time}`, `to=${time}`]),
];
for (const query of NOT_VALID) {
  Deno.test(`GET /api/emails?${query} answers 400 and asks nobody`, async () => {
    const { emails, questions } = readerOfRecent(EMAILS);
    await using app = startTestApp({ emails });
    await problemOf(await app.request(`/api/emails?${query}`), 400);
    deepEqual(questions, []);
  });
}

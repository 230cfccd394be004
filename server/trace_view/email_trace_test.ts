import { deepEqual, equal, ok } from "node:assert/strict";
import {
  archived,
  DOCUMENT_ID,
  firstAttempt,
  polled,
  scheduled,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { describeEmailTrace, emailTrace } from "./email_trace.ts";

const DEAD_LETTERED = firstAttempt("dead-lettered", { error: "550 no such user" });
const ARCHIVED = [archived({ atMs: 150 }), ...polled(1, { atMs: 200 })];

Deno.test.each([
  ["a dead letter", DEAD_LETTERED, "dead-lettered"],
  ["an email that waits to be sent again", firstAttempt("retried", { error: "451" }), "retrying"],
  ["an email that nobody has sent", [], undefined],
])("describeEmailTrace() says that a mail claims to be %s", (_what, spans, stateName) => {
  const trace = describeEmailTrace(TRACE_ID, { spans: [...spans, ...ARCHIVED] }, undefined);
  equal(trace.state?.name, stateName);
  deepEqual([trace.mail, trace.claimedMail], [undefined, { documentId: DOCUMENT_ID }]);
  deepEqual(emailTrace.parse(trace), trace);
});

Deno.test("describeEmailTrace() leaves out emails in good states when there are too many", () => {
  const spans = Array.from({ length: 1_010 }, (_, number) => ({
    ...scheduled({ atMs: number, ...(number === 500 ? { error: "503" } : {}) }),
    id: `${number}`,
  }));
  const { emails, omittedEmailCount } = describeEmailTrace(TRACE_ID, { spans }, undefined);
  deepEqual([emails.length, omittedEmailCount], [1_000, 10]);
  ok(emails.some(({ state }) => state.name === "refused"));
  deepEqual(
    emails.map(({ scheduledAt }) => scheduledAt),
    emails.map(({ scheduledAt }) => scheduledAt).toSorted(),
  );
});

import { deepEqual, equal } from "node:assert/strict";
import { archived, DOCUMENT_ID, firstAttempt, polled, TRACE_ID } from "../testing/email_spans.ts";
import { describeEmailTrace, emailTrace } from "./email_trace.ts";

const DEAD_LETTERED = firstAttempt("dead-lettered", { error: "550 no such user" });
const ARCHIVED = [archived({ atMs: 150 }), ...polled(1, { atMs: 200 })];

Deno.test("describeEmailTrace() names the mail in the archive", () => {
  const { state, mail, claimedMail } = describeEmailTrace(
    TRACE_ID,
    [...firstAttempt("delivered"), ...ARCHIVED],
    undefined,
  );
  equal(state.name, "archived");
  deepEqual([mail, claimedMail], [{ documentId: DOCUMENT_ID }, undefined]);
});

for (
  const [what, spans, stateName] of [
    ["a dead letter", DEAD_LETTERED, "dead-lettered"],
    ["an email that waits to be sent again", firstAttempt("retried", { error: "451" }), "retrying"],
    ["an email that nobody has sent", [], "queued"],
  ] as const
) {
  Deno.test(`describeEmailTrace() says that a mail claims to be ${what}`, () => {
    const trace = describeEmailTrace(TRACE_ID, [...spans, ...ARCHIVED], undefined);
    equal(trace.state.name, stateName);
    deepEqual([trace.mail, trace.claimedMail], [undefined, { documentId: DOCUMENT_ID }]);
    deepEqual(emailTrace.parse(trace), trace);
  });
}

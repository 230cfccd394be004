import { deepEqual, equal, ok } from "node:assert/strict";
import {
  archived,
  DOCUMENT_ID,
  emailIdOf,
  firstAttempt,
  ofEmail,
  polled,
  scheduled,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { describeEmailTrace, emailTrace } from "./email_trace.ts";
import { emailsOf } from "./traced_emails.ts";

const DEAD_LETTERED = firstAttempt("dead-lettered", { error: "550 no such user" });
const ARCHIVED = [archived({ atMs: 150 }), ...polled(1, { atMs: 200 })];

Deno.test("describeEmailTrace() names the mail in the archive", () => {
  const { state, mail, claimedMail } = describeEmailTrace(
    TRACE_ID,
    { spans: [...firstAttempt("delivered"), ...ARCHIVED] },
    undefined,
  );
  equal(state?.name, "archived");
  deepEqual([mail, claimedMail], [{ documentId: DOCUMENT_ID }, undefined]);
});

for (
  const [what, spans, stateName] of [
    ["a dead letter", DEAD_LETTERED, "dead-lettered"],
    ["an email that waits to be sent again", firstAttempt("retried", { error: "451" }), "retrying"],
    ["an email that nobody has sent", [], undefined],
  ] as const
) {
  Deno.test(`describeEmailTrace() says that a mail claims to be ${what}`, () => {
    const trace = describeEmailTrace(TRACE_ID, { spans: [...spans, ...ARCHIVED] }, undefined);
    equal(trace.state?.name, stateName);
    deepEqual([trace.mail, trace.claimedMail], [undefined, { documentId: DOCUMENT_ID }]);
    deepEqual(emailTrace.parse(trace), trace);
  });
}

const TWO_EMAILS = [
  ...ofEmail(1, [...firstAttempt("delivered"), archived({ atMs: 150 })]),
  ...ofEmail(2, firstAttempt("dead-lettered", { error: "550 no such user" })),
];

Deno.test("describeEmailTrace() shows all emails of a trace, and the journey of the one in the worst state", () => {
  const trace = describeEmailTrace(TRACE_ID, { spans: TWO_EMAILS }, undefined);
  deepEqual(
    trace.emails.map(({ emailId, state }) => [emailId, state.name]),
    [[emailIdOf(1), "archived"], [emailIdOf(2), "dead-lettered"]],
  );
  deepEqual([trace.emailId, trace.state?.name, trace.mail], [
    emailIdOf(2),
    "dead-lettered",
    undefined,
  ]);
  equal(trace.spans.length, TWO_EMAILS.length);
  deepEqual(
    trace.diagram?.edges.flatMap(({ rowKeys }) => rowKeys).filter((key) => key.includes("/1")),
    [],
  );
  deepEqual(emailTrace.parse(trace), trace);
});

Deno.test("describeEmailTrace() shows the email that was asked for, and names the others", () => {
  const emails = emailsOf(TWO_EMAILS);
  const [email] = emails;
  ok(email);
  const { spans } = email;
  const trace = describeEmailTrace(TRACE_ID, { spans, emails, email }, undefined);
  deepEqual([trace.emailId, trace.state?.name, trace.mail], [
    emailIdOf(1),
    "archived",
    { documentId: DOCUMENT_ID },
  ]);
  equal(trace.emails.length, 2);
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

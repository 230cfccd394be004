import type { Lesson } from "../lesson.ts";

export const ARCHIVING: readonly Lesson[] = [
  {
    number: 10,
    title: "Too many requests",
    introduction:
      "Mailtrap's API answers 429 to the poller. Look for the poll that failed, a trace of its own.",
    faults: [{ name: "mailtrap-api.reply", value: "429" }],
    mendedAfter: { failedSpan: "fetch-inbox", times: 1 },
    endState: "archived",
    showsFailedPolls: true,
    expectedSpans: [
      { span: "send-email", explanation: "Mailtrap takes mails as ever: SMTP is not the API." },
      {
        span: "archive-email",
        explanation: "Longer than usual, and without a failure: the mail only waited.",
      },
      {
        span: "poll-email",
        isFailed: true,
        explanation: "A poll that finds nothing leaves no trace; one that fails always does.",
      },
      {
        span: "fetch-inbox",
        isFailed: true,
        error: /429/,
        tags: { "http.status": "429" },
        explanation: "429 with Retry-After: no further poll until that time is over.",
      },
    ],
    conclusion:
      "The mail is safe in the inbox, and the poller leaves the API alone for as long as it asked, or " +
      "for ten seconds where it did not say.",
  },
  {
    number: 11,
    title: "A slow database",
    introduction:
      "MongoDB takes two seconds for each command. Look for the one bar that is long, and for those that " +
      "are not.",
    faults: [{ name: "mongodb.delay", value: "2000" }],
    endState: "archived",
    expectedSpans: [
      {
        span: "emailer",
        explanation: "Unaffected: what is slow downstream slows nobody upstream.",
      },
      {
        span: "archive-email",
        minDurationMs: 1_900,
        explanation: "Slow, in the email's own trace. The other one tells why.",
      },
      {
        span: "store-message",
        minDurationMs: 1_900,
        explanation: "Here it is: the bar that is long without a long child.",
      },
      {
        span: "delete-message",
        explanation: "Waited for it: a mail is deleted only when it is stored.",
      },
    ],
    conclusion:
      "With more mails, POLL_CONCURRENCY of them are under way at once: a slow database costs its time " +
      "once, not for each.",
  },
  {
    number: 12,
    title: "No database",
    introduction:
      "MongoDB cuts every connection, then comes back. Look for the poll that failed to store the mail, " +
      "and for the one that did.",
    faults: [{ name: "mongodb.down" }],
    mendedAfter: { failedSpan: "store-message", times: 1 },
    endState: "archived",
    showsFailedPolls: true,
    expectedSpans: [
      {
        span: "archive-email",
        explanation: "The whole wait, over both polls: the mail was safe in the inbox.",
      },
      {
        span: "poll-email",
        isFailed: true,
        explanation: "This poll did not store what it found.",
      },
      {
        span: "store-message",
        isFailed: true,
        error: /MongoDB did not store the mail/,
        explanation: "So nothing is deleted: there is no delete-message in this poll.",
      },
      { span: "store-message", explanation: "A later poll fetches the mail again, and stores it." },
      { span: "delete-message", explanation: "Only now." },
    ],
    conclusion:
      "Fetch, store, delete, in this order: wherever it breaks, the mail is in the inbox, in the archive, " +
      "or in both, and the next poll makes one of it.",
  },
];

import type { Lesson } from "../lesson.ts";

export const ARCHIVING: readonly Lesson[] = [
  {
    number: 10,
    title: "Too many requests",
    introduction:
      "Mailtrap's API answers 429 to the poller. Look for the poll that failed, a trace of its own.",
    faults: [{ name: "mailtrap-api.reply", value: "429" }],
    mendedAfter: { failedSpan: "fetch-inbox", times: 1 },
    showsFailedPolls: true,
    expectedSpans: [
      { name: "send-email", explanation: "Mailtrap takes mails as ever: SMTP is not the API." },
      {
        name: "archive-email",
        explanation: "Longer than usual, and without a failure: the mail only waited.",
      },
      {
        name: "poll-email",
        isFailed: true,
        explanation: "A poll that finds nothing leaves no trace; one that fails always does.",
      },
      {
        name: "fetch-inbox",
        error: /429/,
        tags: { "http.status": "429" },
        explanation: "429 with Retry-After: no further poll until that time is over.",
      },
    ],
    conclusion:
      "The mail is safe in the inbox. The poller pauses for as long as the API asked, or " +
      "for ten seconds without a Retry-After.",
  },
  {
    number: 11,
    title: "A slow database",
    introduction:
      "MongoDB takes two seconds for each command. Look for the one long bar, and for those that " +
      "stay short.",
    faults: [{ name: "mongodb.delay", value: "2000" }],
    expectedSpans: [
      {
        name: "emailer",
        explanation: "Unaffected: a slow service downstream slows nobody upstream.",
      },
      {
        name: "archive-email",
        minDurationMs: 1_900,
        explanation: "Slow, in the email's own trace. The other trace shows why.",
      },
      {
        name: "store-message",
        minDurationMs: 1_900,
        explanation: "Here it is: the bar that is long without a long child.",
      },
      {
        name: "delete-message",
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
    showsFailedPolls: true,
    expectedSpans: [
      {
        name: "archive-email",
        explanation: "The whole wait, over both polls: the mail was safe in the inbox.",
      },
      {
        name: "poll-email",
        isFailed: true,
        explanation: "This poll did not store what it found.",
      },
      {
        name: "store-message",
        error: /MongoDB did not store the mail/,
        explanation: "So nothing is deleted: there is no delete-message in this poll.",
      },
      { name: "store-message", explanation: "A later poll fetches the mail again, and stores it." },
      { name: "delete-message", explanation: "Only now." },
    ],
    conclusion:
      "Fetch, store, delete, in this order: wherever it breaks, the mail is in the inbox, in the archive, " +
      "or in both, and the next poll makes one of it.",
  },
];

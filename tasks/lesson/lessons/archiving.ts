import { type Lesson, row } from "../lesson.ts";

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
      row("send-email", "Mailtrap takes mails as ever: SMTP is not the API."),
      row("archive-email", "Longer than usual, and without a failure: the mail only waited."),
      row("poll-email", "A poll that finds nothing leaves no trace; one that fails always does.", {
        isFailed: true,
      }),
      row("fetch-inbox", "429 with Retry-After: no further poll until that time is over.", {
        error: /429/,
        tags: { "http.status": "429" },
      }),
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
      row("emailer", "Unaffected: a slow service downstream slows nobody upstream."),
      row("archive-email", "Slow, in the email's own trace. The other trace shows why.", {
        minDurationMs: 1_900,
      }),
      row("store-message", "Here it is: the bar that is long without a long child.", {
        minDurationMs: 1_900,
      }),
      row("delete-message", "Waited for it: a mail is deleted only when it is stored."),
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
      row("archive-email", "The whole wait, over both polls: the mail was safe in the inbox."),
      row("poll-email", "This poll did not store what it found.", { isFailed: true }),
      row("store-message", "So nothing is deleted: there is no delete-message in this poll.", {
        error: /MongoDB did not store the mail/,
      }),
      row("store-message", "A later poll fetches the mail again, and stores it."),
      row("delete-message", "Only now."),
    ],
    conclusion:
      "Fetch, store, delete, in this order: wherever it breaks, the mail is in the inbox, in the archive, " +
      "or in both, and the next poll makes one of it.",
  },
];

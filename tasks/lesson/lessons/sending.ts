import { type Lesson, row } from "../lesson.ts";

export const SENDING: readonly Lesson[] = [
  {
    number: 3,
    title: "Try again later",
    introduction:
      "Mailtrap answers 451 to every mail: not now. After two attempts it recovers. Look for the waits.",
    faults: [{ name: "smtp.reply", value: "451" }],
    mendedAfter: { failedSpan: "send-email", times: 2 },
    expectedSpans: [
      row("emailer", "The first attempt. It failed, but the email is safe on a retry queue.", {
        error: /451 /,
        tags: { attempt: "1", outcome: "retried" },
      }),
      row("send-email", "4xx is temporary (RFC 5321): the same mail may be taken later.", {
        isFailed: true,
        tags: { "smtp.reply_code": "451" },
      }),
      row(
        "amqp-retry",
        "The wait: a queue returns the message later. The emailer is free for others until then.",
        { minDurationMs: 400 },
      ),
      row("emailer", "The second attempt; the next wait is longer.", {
        isFailed: true,
        tags: { attempt: "2", outcome: "retried" },
      }),
      row("emailer", "Mailtrap works again. Message-ID and Date are those of the first attempt.", {
        tags: { outcome: "delivered" },
      }),
    ],
    conclusion:
      "RETRY_DELAYS is the ladder: 1s, 5s, 30s, 2m, 10m. After the last one the email becomes a dead " +
      "letter. Each delay has a queue, since RabbitMQ expires messages only at a queue's head.",
  },
  {
    number: 4,
    title: "Never",
    introduction:
      "Mailtrap answers 550 to the recipient: no such user. Look for what is missing: a retry.",
    faults: [{ name: "smtp.recipient-reply", value: "550" }],
    endState: "dead-lettered",
    expectedSpans: [
      row("emailer", "5xx is permanent (RFC 5321): the email is given up at once.", {
        error: /550 /,
        tags: { attempt: "1", outcome: "dead-lettered" },
      }),
      row("send-email", "The mail itself was never sent: the recipient was refused before.", {
        isFailed: true,
        tags: { "smtp.reply_code": "550" },
      }),
    ],
    absentSpans: ["amqp-retry", "archive-email"],
    conclusion:
      "The email is on send-email.dead with the reason in its headers. deno task dead-letters lists it " +
      "and can send it again, in the same trace.",
  },
  {
    number: 5,
    title: "Sent twice, archived once",
    introduction:
      "Mailtrap keeps the mail, but the connection breaks before its reply. The emailer cannot know. " +
      "Look for one mail that is archived more than once, and where.",
    faults: [{ name: "smtp.drop-after-data" }],
    mendedAfter: { failedSpan: "send-email", times: 1 },
    expectedSpans: [
      row("emailer", "No reply is not a refusal. Losing an email is worse than sending it twice.", {
        isFailed: true,
        tags: { outcome: "retried" },
      }),
      row("send-email", "All bytes were sent; whether Mailtrap has the mail is unknown.", {
        isFailed: true,
      }),
      row("emailer", "Sent again: the same Message-ID, the same Date, the same bytes that count.", {
        tags: { outcome: "delivered" },
      }),
      row(
        "archive-email",
        "Each mail is archived as the same document: its id is derived from what was sent.",
        { minCount: 2, sharedTag: "db.object_id", shownTags: ["db.object_id"] },
      ),
    ],
    conclusion:
      "SMTP delivers at least once. The archive makes it exactly once: one document with several " +
      "entries in its deliveries.",
  },
  {
    number: 6,
    title: "Too many emails per second",
    introduction:
      "The free plan takes one mail a second, but three are sent at once. Mailtrap answers with a " +
      "permanent code, 550, but means: not so fast. The picture is of one that was refused.",
    faults: [{ name: "smtp.rate-limit", value: "1" }],
    emailCount: 3,
    expectedSpans: [
      row("emailer", "Retried, not dead-lettered: the emailer knows this reply.", {
        error: /too many emails per second/,
        tags: { outcome: "retried" },
      }),
      row("send-email", "By its code it is as permanent as in lesson 4; the text says otherwise.", {
        isFailed: true,
        tags: { "smtp.reply_code": "550" },
      }),
      row("amqp-retry", "A second later there is room."),
      row("emailer", "Through.", { tags: { outcome: "delivered" } }),
    ],
    conclusion: "Better to avoid it: with SMTP_RATE_PER_SECOND=1 the emailer keeps that pace.",
  },
  {
    number: 7,
    title: "The operator's fault",
    introduction:
      "Somebody has changed the password at Mailtrap. No mail is at fault, and none can be sent. " +
      "Look for what does not happen to the email.",
    faults: [{ name: "smtp.wrong-password" }],
    ownSystem: {
      because: "the emailer takes a while to notice that the password is right again",
      settings: {},
    },
    endState: "any",
    expectedSpans: [
      row("send-email", "535: the login failed. The next mail would fail the same way.", {
        error: /Invalid login/,
        tags: { "smtp.reply_code": "535" },
      }),
      row(
        "emailer",
        "Back to the queue. However often an emailer takes the message now, it stays the first attempt.",
        { isFailed: true, tags: { attempt: "1", outcome: "requeued" }, shownTags: ["attempt"] },
      ),
    ],
    absentSpans: ["archive-email", { name: "emailer", tags: { attempt: "2" } }],
    checks: [{ kind: "emailer-not-ready", reason: /Invalid login/ }],
    conclusion:
      "No attempt is burned, and nothing becomes a dead letter: the email waits until somebody acts. The " +
      "emailer's /readyz, where an orchestrator and you will look, says that it is not ready, and why.",
  },
];

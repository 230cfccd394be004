import type { Lesson, LessonSnapshot } from "../lesson.ts";

const failedSendCount = ({ rows }: LessonSnapshot): number =>
  rows.filter(({ name, error }) => name === "send-email" && error !== undefined).length;

/** The lessons about mail servers. */
export const SENDING: readonly Lesson[] = [
  {
    number: 3,
    title: "Try again later",
    introduction:
      "Mailtrap answers 451 to every mail: not now. After two attempts it recovers. Look for the waits.",
    faults: [{ name: "smtp.reply", value: "451" }],
    mendedWhen: (snapshot) => failedSendCount(snapshot) >= 2,
    endState: "archived",
    expectedSpans: [
      {
        span: "emailer",
        isFailed: true,
        error: /451 /,
        tags: { attempt: "1", outcome: "retried" },
        explanation: "The first attempt. It failed, and the email is safe: on a retry queue.",
      },
      {
        span: "send-email",
        isFailed: true,
        tags: { "smtp.reply_code": "451" },
        explanation: "4xx is a temporary failure (RFC 5321): the same mail may be taken later.",
      },
      {
        span: "amqp-retry",
        isFailed: false,
        minDurationMs: 400,
        explanation: "As long as the wait: the message lies on a queue that lets it expire back. " +
          "The emailer is free for others meanwhile.",
      },
      {
        span: "emailer",
        isFailed: true,
        tags: { attempt: "2", outcome: "retried" },
        explanation: "The second attempt; the next wait is longer.",
      },
      {
        span: "emailer",
        isFailed: false,
        tags: { outcome: "delivered" },
        explanation: "Mailtrap is well again. Message-ID and Date are those of the first attempt.",
      },
    ],
    conclusion:
      "RETRY_DELAYS is the ladder: 1s, 5s, 30s, 2m, 10m. After the last step the email becomes a dead " +
      "letter. One queue for each delay, since RabbitMQ looks only at a queue's head for what expires.",
  },
  {
    number: 4,
    title: "Never",
    introduction:
      "Mailtrap answers 550 to the recipient: nobody by that name. Look for what is not there: a retry.",
    faults: [{ name: "smtp.recipient-reply", value: "550" }],
    endState: "dead-lettered",
    expectedSpans: [
      {
        span: "emailer",
        isFailed: true,
        error: /550 /,
        tags: { attempt: "1", outcome: "dead-lettered" },
        explanation: "5xx is for good (RFC 5321), so that it is given up at once, with its reason.",
      },
      {
        span: "send-email",
        isFailed: true,
        tags: { "smtp.reply_code": "550" },
        explanation: "The mail itself was never sent: the recipient was refused before.",
      },
    ],
    absentSpans: ["amqp-retry", "archive-email"],
    conclusion:
      "The email is on send-email.dead with the reason in its headers. deno task dead-letters lists it " +
      "and can send it on its way again; it then goes on in this very trace.",
  },
  {
    number: 5,
    title: "Sent twice, archived once",
    introduction:
      "Mailtrap keeps the mail, and the connection breaks before it can say so. The emailer cannot know. " +
      "Look for one mail that is archived more than once, and where.",
    faults: [{ name: "smtp.drop-after-data" }],
    mendedWhen: (snapshot) => failedSendCount(snapshot) >= 1,
    endState: "archived",
    expectedSpans: [
      {
        span: "emailer",
        isFailed: true,
        tags: { outcome: "retried" },
        explanation: "No reply is not a refusal. Losing an email is worse than sending it twice.",
      },
      {
        span: "send-email",
        isFailed: true,
        explanation:
          "The bytes were all sent. Whether Mailtrap has the mail cannot be told from here.",
      },
      {
        span: "emailer",
        isFailed: false,
        tags: { outcome: "delivered" },
        explanation: "Sent again: the same Message-ID, the same Date, the same bytes that count.",
      },
      {
        span: "archive-email",
        isFailed: false,
        minCount: 2,
        sharedTag: "db.object_id",
        explanation:
          "Each mail in the inbox is archived, and each has the same db.object_id: it is " +
          "made of what was sent.",
      },
    ],
    conclusion:
      "At least once is what SMTP can promise; exactly once is what the archive makes of it: one document " +
      "with several entries in its deliveries.",
  },
  {
    number: 6,
    title: "Too many emails per second",
    introduction:
      "The free plan takes one mail a second, and three are sent at once. Mailtrap answers with a " +
      "permanent code, 550, and means: not so fast.",
    faults: [{ name: "smtp.rate-limit", value: "1" }],
    emailCount: 3,
    endState: "archived",
    expectedSpans: [
      {
        span: "emailer",
        isFailed: true,
        error: /too many emails per second/,
        tags: { outcome: "retried" },
        explanation: "Retried, not dead-lettered: the emailer knows this reply.",
      },
      {
        span: "send-email",
        isFailed: true,
        tags: { "smtp.reply_code": "550" },
        explanation: "By its code it would be as hopeless as lesson 4; the text tells otherwise.",
      },
      {
        span: "amqp-retry",
        isFailed: false,
        explanation: "A second later there is room.",
      },
      {
        span: "emailer",
        isFailed: false,
        tags: { outcome: "delivered" },
        explanation: "Through.",
      },
    ],
    conclusion:
      "Better not to ask for it: SMTP_RATE_PER_SECOND=1 makes the emailer keep the pace by itself.",
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
    expectedSpans: [
      {
        span: "send-email",
        isFailed: true,
        error: /Invalid login/,
        tags: { "smtp.reply_code": "535" },
        explanation: "535: the login failed. The next mail would fail the same way.",
      },
    ],
    absentSpans: ["archive-email"],
    checks: [{ kind: "emailer-not-ready", reason: /Invalid login/ }],
    conclusion:
      "No attempt is burned, nothing becomes a dead letter: the email waits until somebody acts. The " +
      "emailer says that it is not ready, and why, where an orchestrator and you will look.",
  },
];

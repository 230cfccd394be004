import { type Lesson, row } from "../lesson.ts";

export const JOURNEY: readonly Lesson[] = [
  {
    number: 1,
    title: "The journey of an email",
    introduction:
      "Nothing is broken. One email travels from HTTP through RabbitMQ, SMTP and Mailtrap into MongoDB, " +
      "and each hop is a row. Look for what works, and what only waits.",
    faults: [],
    expectedSpans: [
      row("schedule-email", "The request. Answered 202 once RabbitMQ has confirmed the message.", {
        tags: { "http.status_code": "202" },
      }),
      row(
        "amqp-publish",
        "One span, of which two services report a half: the message server until the confirm, and the " +
          "emailer, on the broker's behalf, until it has the message.",
        { showsReporters: true },
      ),
      row("emailer", "Reads the message, sends the mail, and acknowledges the message last.", {
        tags: { attempt: "1", outcome: "delivered" },
      }),
      row("send-email", "The SMTP dialogue to its 250. No child: the mail carries emailer's id.", {
        tags: { "smtp.reply_code": "250" },
      }),
      row(
        "archive-email",
        "From Mailtrap's inbox into MongoDB; most of it is the wait for the next poll. It goes on when its " +
          "parent has ended: a parent is what caused a span, and need not contain it.",
      ),
      row(
        "poll-email",
        "Another trace: the clock starts a poll, not this email. The mail's trace id links the two.",
      ),
      row("store-message", "Done when a majority of the database has the mail."),
      row("delete-message", "Last: nothing is deleted before it is stored."),
    ],
    checks: [{
      kind: "dependencies",
      edges: [
        "message-server → rabbitmq",
        "rabbitmq → emailer",
        "emailer → mailtrap",
        "mail-poller → mailtrap",
        "mail-poller → mongodb",
      ],
    }],
    conclusion:
      "Each message is acknowledged, and each mail deleted, only when the next service surely has it. " +
      "Zipkin draws its dependency graph from such traces.",
  },
  {
    number: 2,
    title: "Waiting in the queue",
    introduction:
      "RabbitMQ hands each message out two seconds late, as it would behind a thousand others. " +
      "The caller notices nothing. Look for where the time goes.",
    faults: [{ name: "rabbitmq.slow-delivery", value: "2000" }],
    expectedSpans: [
      row("schedule-email", "The caller has its 202 in milliseconds: accepted is not delivered."),
      row(
        "amqp-publish",
        "Two seconds without work, long after its parent has ended. Without the broker's half there " +
          "would be a hole in the trace, and everybody would suspect the emailer.",
        { minDurationMs: 1_900, showsReporters: true },
      ),
      row("emailer", "Begins when it has the message, and is as quick as ever.", {
        tags: { attempt: "1" },
      }),
    ],
    conclusion:
      "The message carries the time of its publishing, from which its consumer reports the broker's " +
      "half. If it grows, the consumers are overloaded: start more emailers.",
  },
];

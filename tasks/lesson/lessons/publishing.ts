import { type Lesson, row } from "../lesson.ts";

export const PUBLISHING: readonly Lesson[] = [
  {
    number: 8,
    title: "The broker says no",
    introduction:
      "RabbitMQ refuses the message (basic.nack), as a full queue does. Look for the caller's answer.",
    faults: [{ name: "rabbitmq.nack" }],
    endState: "refused",
    expectedSpans: [
      row("schedule-email", "503 with Retry-After: the caller has the email and can try again.", {
        isFailed: true,
        tags: { "http.status_code": "503" },
      }),
      row("amqp-publish", "Failed, and never received: no broker's half (see lesson 1).", {
        error: /rejected/,
        showsReporters: true,
      }),
    ],
    absentSpans: ["emailer"],
    conclusion:
      "202 is a promise, given only for a message that the broker has confirmed. A trace that ends here " +
      "is an email that was never accepted.",
  },
  {
    number: 9,
    title: "The broker says nothing",
    introduction:
      "RabbitMQ keeps the message, but its confirm never comes. The message server waits for five " +
      "seconds and answers 503. Look for what still happens.",
    faults: [{ name: "rabbitmq.no-confirm" }],
    expectedSpans: [
      row(
        "schedule-email",
        "Unconfirmed is not refused, but the server cannot promise anything: 503.",
        { isFailed: true, tags: { "http.status_code": "503" }, minDurationMs: 4_500 },
      ),
      row("amqp-publish", "Failed for the publisher. And yet there is a broker's half.", {
        error: /did not confirm/,
        showsReporters: true,
      }),
      row("emailer", "The email travels, while its caller is told that it does not.", {
        tags: { outcome: "delivered" },
      }),
      row("archive-email", "It even arrives."),
    ],
    conclusion:
      "A caller that tries again sends the email twice. Where both requests have the same " +
      "Idempotency-Key, the two mails are the same email, archived once.",
  },
];

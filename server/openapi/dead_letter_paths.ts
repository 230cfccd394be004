import { DEAD_LETTER_QUEUE, QUEUE } from "@playground/shared/amqp";
import { MAX_LISTED } from "../dead_letters/dead_letters_route.ts";
import { body, EXAMPLE_EMAIL_ID, json, type Operations, problem } from "./document.ts";
import { EXAMPLE_TRACE } from "./examples.ts";

const REASON = "refused for good: 550 no such user";

export const DEAD_LETTER_PATHS: Operations = {
  "GET /api/dead-letters": {
    operationId: "listDeadLetters",
    summary: "List the dead letters",
    description:
      `The emails whose traces end as dead letters, by reason; the oldest ${MAX_LISTED} are named. The queue's own count is beside them.`,
    responses: {
      200: json("DeadLetterList", "The dead letters", {
        reasons: [{ reason: REASON, count: 1, emails: EXAMPLE_TRACE.emails }],
        queueCount: 1,
        untracedCount: 0,
        progress: { readCount: 1, isComplete: true },
      }),
      ...problem(503, "Collector unavailable", "The collector is unavailable"),
    },
  },
  "POST /api/dead-letters": {
    operationId: "actOnDeadLetters",
    summary: "Send dead letters again, or drop them",
    description:
      "Acts on the oldest dead letter of each email. One that is sent again starts at attempt 1, in the same trace, and is removed once RabbitMQ has confirmed its new message. `gone`: it is not in the queue, as far as no other program holds it. `failed`: it may still be there.",
    requestBody: body("DeadLetterCommand", { action: "requeue", emailIds: [EXAMPLE_EMAIL_ID] }),
    responses: {
      200: json("DeadLetterResults", "What became of each", {
        results: [{ emailId: EXAMPLE_EMAIL_ID, status: "requeued" }],
      }),
      ...problem(400, "Invalid JSON", "The request is not JSON"),
      ...problem(422, "Invalid command", "The command is not valid"),
      ...problem(503, "Too many requests at once", "Too many requests are being read"),
    },
  },
  "GET /api/queues": {
    operationId: "countQueues",
    summary: "Count the waiting emails",
    description: "How many messages wait in each queue, at most a second ago.",
    responses: {
      200: json("QueueList", "The queues", {
        queues: [{ name: QUEUE, messageCount: 3 }, { name: DEAD_LETTER_QUEUE, messageCount: 1 }],
        deadLetterCount: 1,
        retryCount: 0,
      }),
      ...problem(503, "Queues unavailable", "RabbitMQ is unavailable"),
    },
  },
};

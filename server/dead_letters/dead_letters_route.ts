import type { Handler } from "@hono/hono";
import { getLogger } from "@logtape/logtape";
import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { documentProblems } from "@playground/shared/email";
import { z } from "zod";
import { type Explorer, progress } from "../explore/mod.ts";
import { readJson } from "../json_body.ts";
import { answerProblem, collectorUnavailable, noCollector } from "../problem.ts";
import type { ReadQueues } from "../queues_route.ts";
import type { BodyLimits } from "../request_body.ts";
import type { ServerEnvironment } from "../request_tracing.ts";
import { type EmailSummary, emailSummary } from "../trace_view/mod.ts";
import { deadLetterResult, type DeadLetters } from "./dead_letters.ts";

/** More would be a burden for the page, and the queue holds them anyway. */
export const MAX_LISTED = 1_000;
const MAX_ACTIONS = 1_000;
const MAX_BODY_BYTES = 65_536;

export const deadLetterList = z.object({
  reasons: z.array(z.object({
    reason: z.string(),
    count: z.int().min(1),
    emails: z.array(emailSummary).readonly(),
  })).readonly(),
  queueCount: z.int().min(0).optional().meta({
    description: "How many the queue holds; absent while RabbitMQ cannot be asked",
  }),
  untracedCount: z.int().min(0).optional().meta({
    description: "How many of them are not listed: the collector has no trace of them",
  }),
  progress,
}).readonly();

export const deadLetterCommand = z.object({
  action: z.enum(["requeue", "drop"]),
  emailIds: z.array(z.guid().toLowerCase()).min(1).max(MAX_ACTIONS),
});

export const deadLetterResults = z.object({
  results: z.array(deadLetterResult).readonly(),
}).readonly();

export interface DeadLetterRouteOptions {
  /** Absent without a collector. */
  readonly explorer?: Pick<Explorer, "emails"> | undefined;
  readonly readQueues: ReadQueues;
  readonly deadLetters: Pick<DeadLetters, "act">;
  readonly bodies: BodyLimits;
}

/** `GET /api/dead-letters`: the emails that could not be sent, by reason, the most frequent first. */
export function getDeadLetters(
  { explorer, readQueues }: DeadLetterRouteOptions,
): Handler<ServerEnvironment> {
  return async function getDeadLetters(c) {
    if (explorer === undefined) return noCollector(c, "list the dead letters");
    const [result, queues] = await Promise.all([
      explorer.emails({ state: ["dead-lettered"] }),
      readQueues(),
    ]);
    if (result.status === "unavailable") {
      return collectorUnavailable(c, "list the dead letters", result.reason);
    }
    const emails = result.emails.filter(({ state }) =>
      state.name === "dead-lettered" && !state.dropped
    );
    const queueCount = queues.status === "found"
      ? queues.lengths.get(DEAD_LETTER_QUEUE)
      : undefined;
    const list: z.output<typeof deadLetterList> = {
      reasons: byReason(emails),
      queueCount,
      untracedCount: queueCount && Math.max(0, queueCount - emails.length),
      progress: result.progress,
    };
    return c.json(list);
  };
}

/** Each has its oldest emails, which are the first in the queue and so are found soonest. */
function byReason(emails: readonly EmailSummary[]) {
  const listed = new Set(emails.slice(-MAX_LISTED));
  return [...Map.groupBy(emails, ({ state }) => "reason" in state ? state.reason : "")]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reason, group]) => ({
      reason,
      count: group.length,
      emails: group.filter((email) => listed.has(email)).toReversed(),
    }));
}

/** `POST /api/dead-letters`: sends dead letters again or drops them, by the ids of their emails. */
export function postDeadLetters(
  { deadLetters, bodies }: DeadLetterRouteOptions,
): Handler<ServerEnvironment> {
  const logger = getLogger(["message-server"]);
  return async function postDeadLetters(c) {
    const body = await readJson(c, "the command", MAX_BODY_BYTES, bodies);
    if (body instanceof Response) return body;
    using _reservation = body;
    const command = deadLetterCommand.safeParse(body.value);
    if (!command.success) {
      return answerProblem(c, {
        status: 422,
        title: "Invalid command",
        detail: "Cannot act on dead letters: the command is not valid; see `errors`",
        errors: documentProblems(command.error),
      });
    }
    const { action, emailIds } = command.data;
    const results = await deadLetters.act(action, [...new Set(emailIds)]);
    const count =
      results.filter(({ status }) => status === "requeued" || status === "dropped").length;
    logger.info("Dead letters to {action}: {count} of {total} done", {
      action,
      count,
      total: results.length,
    });
    return c.json({ results });
  };
}

/**
 * The message server's own route without tracing: the same guards, limits, handler and scheduler, without the decorators around
 * them. The difference in speed is the cost of tracing and metrics.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import type { ConfirmedPublisher } from "@playground/shared/amqp";
import { answerHealth } from "@playground/shared/lifecycle";
import { Deadlines } from "@playground/shared/time";
import { ByteBudget } from "../byte_budget.ts";
import { postEmail } from "../email_route.ts";
import { createEmailScheduler } from "../email_scheduler.ts";
import { refuseOtherSites, requireLoopbackHost } from "../guards.ts";
import type { ServerEnvironment } from "../request_tracing.ts";

/** Makes the application; the publisher must not be traced. */
export function createUntracedApp(publisher: ConfirmedPublisher): Hono<ServerEnvironment> {
  const health = { readiness: () => ({ ready: true }) as const, lostSpanCount: () => 0 };
  return new Hono<ServerEnvironment>()
    .use(async (c, next) => answerHealth(c.req.raw, health) ?? await next())
    .use("/email", refuseOtherSites, requireLoopbackHost)
    .post(
      "/email",
      postEmail({
        schedule: createEmailScheduler({
          publisher,
          messageIdDomain: "playground.invalid",
          appId: "message-server/0.0.0",
        }),
        bodies: {
          budget: new ByteBudget(16 * 1024 * 1024, () => publisher.unconfirmedBytes),
          deadlines: new Deadlines(10_000),
        },
        traceUrl: () => undefined,
      }),
    );
}

/**
 * The message server's own route without tracing: the same guards, limits, handler, scheduler and publisher, without the
 * decorators around them. What it answers faster than the message server is what tracing costs.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import { answerHealth } from "@playground/shared/lifecycle";
import { logToConsole } from "@playground/shared/logging";
import { openBrokerSession } from "@playground/tasks/clients/broker";
import { ByteBudget } from "../../../server/byte_budget.ts";
import { postEmail } from "../../../server/email_route.ts";
import { createEmailScheduler } from "../../../server/email_scheduler.ts";
import { refuseOtherSites } from "../../../server/refuse_other_sites.ts";
import type { ServerEnvironment } from "../../../server/request_tracing.ts";
import { requireLoopbackHost } from "../../../server/require_loopback_host.ts";
import { serveCommands, settingsOf } from "./command_server.ts";

const { amqpUrl } = settingsOf<{ readonly amqpUrl: string }>();
await logToConsole({ level: "info", format: "json" });
const { publisher } = await openBrokerSession([new URL(amqpUrl)], "untraced-server");
const health = { readiness: () => ({ ready: true }) as const, lostSpanCount: () => 0 };
const app = new Hono<ServerEnvironment>();
app.use(async (c, next) => answerHealth(c.req.raw, health) ?? await next());
app.use("/email", refuseOtherSites(), requireLoopbackHost());
app.post(
  "/email",
  postEmail({
    schedule: createEmailScheduler({
      publisher,
      messageIdDomain: "playground.invalid",
      appId: "message-server/0.0.0",
      now: Date.now,
      newId: () => crypto.randomUUID(),
    }),
    bodies: {
      budget: new ByteBudget({
        capacityBytes: 16 * 1024 * 1024,
        heldElsewhereBytes: () => publisher.unconfirmedBytes,
      }),
      timeoutMs: 10_000,
    },
    traceUrl: () => undefined,
  }),
);
await serveCommands(() => {}, app.fetch);

/**
 * The message server without tracing: the difference in speed is the cost of tracing.
 *
 * @module
 */
import { createUntracedApp } from "@playground/server/testing/untraced-app";
import { logToConsole } from "@playground/shared/logging";
import { openBrokerSession } from "@playground/tasks/clients/broker";
import { serveCommands, settingsOf } from "./command_server.ts";

const { amqpUrl } = settingsOf<{ readonly amqpUrl: string }>();
await logToConsole({ LOG_LEVEL: "info", LOG_FORMAT: "json" });
const { publisher } = await openBrokerSession([new URL(amqpUrl)], "untraced-server");
await serveCommands(() => {}, createUntracedApp(publisher).fetch);

/**
 * The emailer: takes emails from the queue and sends them by SMTP.
 *
 * A delivery passes the consumer, which acknowledges it last; the receiver, which continues its trace; and the delivery, which
 * composes the mail, sends it, and brings to safety what could not be sent: to a retry queue or to the dead letters.
 *
 * @module
 */
import {
  BrokerConnection,
  ConfirmedPublisher,
  declareTopology,
  essentialChannel,
  keepTopology,
  tracedPublisher,
} from "@playground/shared/amqp";
import { configurationOrExit } from "@playground/shared/configuration";
import { answerCommandLine, runUntilStopped, serveHealth } from "@playground/shared/lifecycle";
import { getLogger, startLogging } from "@playground/shared/logging";
import { startTracing } from "@playground/shared/tracing";
import { VERSION } from "@playground/shared/version";
import { emailerConfiguration } from "./configuration.ts";
import { EmailConsumer } from "./consumer.ts";
import { createDelivery } from "./deliver.ts";
import { OperatorPause } from "./operator_pause.ts";
import { createReceiver } from "./receive.ts";
import type { RetryPolicy } from "./retry_policy.ts";
import { createSmtpTransport } from "./smtp_transport.ts";
import { tracedTransport } from "./traced_transport.ts";

const SERVICE = "emailer";
const CONFIRM_TIMEOUT_MS = 10_000;

await answerCommandLine({
  service: SERVICE,
  health: () => {
    const { HOST, HEALTH_PORT } = configurationOrExit(SERVICE, emailerConfiguration);
    return { hostname: HOST, port: HEALTH_PORT };
  },
});
const configuration = configurationOrExit(SERVICE, emailerConfiguration);
await startLogging({ level: configuration.LOG_LEVEL, format: configuration.LOG_FORMAT });

await using resources = new AsyncDisposableStack();

const tracing = resources.use(await startTracing(SERVICE, configuration));

const smtp = resources.use(createSmtpTransport(configuration));
const publisher = new ConfirmedPublisher(CONFIRM_TIMEOUT_MS);
const policy: RetryPolicy = {
  delays: configuration.RETRY_DELAYS,
  maxAttempts: configuration.MAX_ATTEMPTS === 0
    ? configuration.RETRY_DELAYS.length + 1
    : configuration.MAX_ATTEMPTS,
};
const pause: OperatorPause = new OperatorPause({
  stopConsuming: () => consumer.stop(),
  resumeConsuming: () => consumer.resume(),
  tryLogin: (signal) => smtp.tryLogin(signal),
  intervalMs: configuration.OPERATOR_PAUSE_SECONDS * 1000,
});

const consumer: EmailConsumer = resources.use(
  new EmailConsumer({
    prefetch: configuration.EMAILER_PREFETCH === 0
      ? 2 * configuration.SMTP_CONNECTIONS
      : configuration.EMAILER_PREFETCH,
    receive: createReceiver({
      tracing,
      node: () => broker.node,
      traceThroughSmtp: configuration.TRACE_THROUGH_SMTP,
      maxAttempts: policy.maxAttempts,
      now: Date.now,
      deliver: createDelivery({
        transport: tracedTransport(smtp, {
          tracing,
          host: configuration.SMTP_HOST,
          port: configuration.SMTP_PORT,
          tls: configuration.SMTP_TLS !== "none",
        }),
        retryPublisher: tracedPublisher(publisher, {
          tracing,
          spanName: "amqp-retry",
          node: () => broker.node,
        }),
        deadLetterPublisher: publisher,
        policy,
        traceThroughSmtp: configuration.TRACE_THROUGH_SMTP,
        appId: `${SERVICE}/${VERSION}`,
        now: Date.now,
        nowMicroseconds: () => tracing.nowMicroseconds(),
        pause,
      }),
    }),
  }),
);

const broker = resources.use(
  await BrokerConnection.open({
    urls: configuration.AMQP_URL,
    clientName: SERVICE,
    setup: async (connection) => {
      const publishing = await essentialChannel(connection, (c) => c.createConfirmChannel());
      await keepTopology(publishing, configuration.RETRY_DELAYS);
      publisher.attach(connection, publishing);
      await consumer.attach(async () => {
        // Whoever consumes anew may do so since the queue was deleted.
        await declareTopology(publishing, configuration.RETRY_DELAYS);
        return await essentialChannel(connection, (c) => c.createChannel());
      });
    },
  }),
);
const health = serveHealth(
  { hostname: configuration.HOST, port: configuration.HEALTH_PORT, variable: "HEALTH_PORT" },
  {
    readiness: () => {
      if (pause.reason !== undefined) return { ready: false, reason: pause.reason };
      return broker.readiness.ready ? consumer.readiness() : broker.readiness;
    },
    lostSpanCount: () => tracing.lostSpanCount,
  },
);
// At once: whoever asks for the health must not keep it consuming.
resources.defer(async () => {
  await Promise.all([consumer.drain(), health[Symbol.asyncDispose]()]);
});
// First of all, so that nothing is taken again.
resources.use(pause);

getLogger([SERVICE]).info("Sending through {host}:{port}", {
  host: configuration.SMTP_HOST,
  port: configuration.SMTP_PORT,
});

await runUntilStopped(resources, { atStdinEof: configuration.STOP_AT_STDIN_EOF });

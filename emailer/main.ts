/**
 * The emailer: takes emails from the queue and sends them by SMTP.
 *
 * A delivery passes through the consumer, which acknowledges it last; `receive`, which continues its trace; and `deliver`, which
 * composes the mail and sends it. An email that could not be sent is republished, to a retry queue or to the dead letters.
 *
 * @module
 */
import {
  BrokerConnection,
  ConfirmedPublisher,
  declareTopology,
  emailQueues,
  essentialChannel,
  keepTopology,
  measuredPublisher,
  QueueLengths,
  tracedPublisher,
} from "@playground/shared/amqp";
import { configurationOrExit } from "@playground/shared/configuration";
import { answerCommandLine, runUntilStopped, serveHealth } from "@playground/shared/lifecycle";
import { getLogger, startLogging } from "@playground/shared/logging";
import { observeHealth, startMetrics } from "@playground/shared/metrics";
import { startTracing } from "@playground/shared/tracing";
import { telemetryOf } from "@playground/shared/telemetry";
import { emailerConfiguration } from "./configuration.ts";
import { EmailConsumer } from "./consumer.ts";
import { createDelivery } from "./deliver.ts";
import { composeMail } from "./mail.ts";
import { measuredReceiver, measuredTransport } from "./measured.ts";
import { OperatorPause } from "./operator_pause.ts";
import { propagatingComposer, propagatingPublisher } from "./propagate_trace.ts";
import { observeQueueLengths } from "./queue_lengths.ts";
import { createReceiver } from "./receive.ts";
import { Republisher, retryPolicyOf } from "./republish.ts";
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

await using resources = new AsyncDisposableStack();

const telemetry = telemetryOf(SERVICE, configuration);
resources.use(await startLogging(configuration, telemetry));
const tracing = resources.use(await startTracing(telemetry));
const metrics = resources.use(await startMetrics(telemetry));

const { EMAILER_PREFETCH, SMTP_CONNECTIONS, TRACE_THROUGH_SMTP } = configuration;
const policy = retryPolicyOf(configuration);
const node = () => broker.node;

const confirmedPublisher = resources.use(new ConfirmedPublisher(CONFIRM_TIMEOUT_MS));
const publisher = measuredPublisher(confirmedPublisher, { metrics, node });
const republisher = new Republisher({
  retryPublisher: tracedPublisher(publisher, { tracing, spanName: "amqp-retry", node }),
  deadLetterPublisher: propagatingPublisher(publisher),
  policy,
});

const smtp = resources.use(createSmtpTransport(configuration));
const pause: OperatorPause = new OperatorPause({
  stopConsuming: () => consumer.stop(),
  resumeConsuming: () => consumer.resume(),
  tryLogin: (signal) => smtp.tryLogin(signal),
  intervalMs: configuration.OPERATOR_PAUSE_SECONDS * 1000,
});
const deliver = createDelivery({
  compose: TRACE_THROUGH_SMTP === "off" ? composeMail : propagatingComposer(composeMail, tracing),
  transport: tracedTransport(measuredTransport(smtp, metrics), tracing, configuration),
  republisher,
  pause,
});
const receive = createReceiver({
  tracing,
  node,
  deliver,
  traceThroughSmtp: TRACE_THROUGH_SMTP,
  linksRetries: configuration.TRACE_RETRIES === "link",
  maxAttempts: policy.maxAttempts,
});
const consumer = resources.use(
  new EmailConsumer(
    measuredReceiver(receive, { metrics, node }),
    EMAILER_PREFETCH === 0 ? 2 * SMTP_CONNECTIONS : EMAILER_PREFETCH,
  ),
);

const queueLengths = new QueueLengths(emailQueues(policy.delays));
const broker = resources.use(
  BrokerConnection.open({
    urls: configuration.AMQP_URL,
    clientName: SERVICE,
    setup: async (connection) => {
      const publishing = await essentialChannel(connection, (c) => c.createConfirmChannel());
      await keepTopology(publishing, policy.delays);
      confirmedPublisher.attach(connection, publishing);
      queueLengths.attach(connection);
      await consumer.attach(async () => {
        // A deleted queue is one reason to consume again.
        await declareTopology(publishing, policy.delays);
        return await essentialChannel(connection, (c) => c.createChannel());
      });
    },
  }),
);
const readiness = () => {
  if (pause.reason !== undefined) return { ready: false, reason: pause.reason } as const;
  return broker.readiness.ready ? consumer.readiness() : broker.readiness;
};
const sources = { readiness, lostSpanCount: () => tracing.lostSpanCount };
observeHealth(metrics, sources);
metrics.observe("playground.sending.paused", () => Number(pause.reason !== undefined));
observeQueueLengths(metrics, queueLengths, policy.delays);
const health = serveHealth(
  { hostname: configuration.HOST, port: configuration.HEALTH_PORT, variable: "HEALTH_PORT" },
  sources,
  (request) => metrics.answer(request),
);
// In parallel: an open health request must not delay the end of consuming.
resources.defer(async () => {
  await Promise.all([consumer.drain(), health[Symbol.asyncDispose]()]);
});
// Disposed first, so that it does not resume consuming.
resources.use(pause);

const { SMTP_HOST: host, SMTP_PORT: port } = configuration;
getLogger([SERVICE]).info("Sending through {host}:{port}", { host, port });

await runUntilStopped(resources, { atStdinEof: configuration.STOP_AT_STDIN_EOF });

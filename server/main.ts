/**
 * The message server: takes emails by HTTP and puts them on the queue.
 *
 * A request passes {@link createApp}: it is traced, checked against the email document's schema, turned into a message by the
 * email scheduler and published with a confirm; only then is it answered 202. The email's later state is read from the collector.
 *
 * @module
 */
import {
  BrokerConnection,
  ConfirmedPublisher,
  emailQueues,
  essentialChannel,
  keepTopology,
  measuredPublisher,
  QueueLengths,
  tracedPublisher,
} from "@playground/shared/amqp";
import { configurationOrExit, underBase } from "@playground/shared/configuration";
import { isLoopback } from "@playground/shared/http";
import { answerCommandLine, listenOrExit, runUntilStopped } from "@playground/shared/lifecycle";
import { getLogger, startLogging } from "@playground/shared/logging";
import { observeHealth, startMetrics } from "@playground/shared/metrics";
import { startTracing } from "@playground/shared/tracing";
import { Deadlines } from "@playground/shared/time";
import { telemetryOf } from "@playground/shared/telemetry";
import { VERSION } from "@playground/shared/version";
import { createApp } from "./app.ts";
import { createMailReader } from "./archive_client.ts";
import { ByteBudget } from "./byte_budget.ts";
import { serverConfiguration, zipkinToRead } from "./configuration.ts";
import { DeadLetters } from "./dead_letters/mod.ts";
import { createEmailScheduler } from "./email_scheduler.ts";
import { Explorer } from "./explore/mod.ts";
import { CollectorFeed, processTimer } from "./live/mod.ts";
import { observeServer } from "./observe_server.ts";
import { createQueueReader } from "./queues_route.ts";
import { createEmailReader, ZipkinApi } from "./trace_view/mod.ts";

const SERVICE = "message-server";
const CONFIRM_TIMEOUT_MS = 5_000;
const BODY_TIMEOUT_MS = 10_000;
/** How long the lengths of the queues are kept, however many pages ask. */
const QUEUES_FRESH_MS = 1_000;
/** A body costs several times its size: bytes, text, document, and their garbage. */
const BODY_CAPACITY_BYTES = 16 * 1024 * 1024;

await answerCommandLine({
  service: SERVICE,
  health: () => {
    const { HOST, PORT } = configurationOrExit(SERVICE, serverConfiguration);
    return { hostname: HOST, port: PORT };
  },
});
const configuration = configurationOrExit(SERVICE, serverConfiguration);

await using resources = new AsyncDisposableStack();

const telemetry = telemetryOf(SERVICE, configuration);
resources.use(await startLogging(configuration, telemetry));
const tracing = resources.use(await startTracing(telemetry));
const metrics = resources.use(await startMetrics(telemetry));

const confirmedPublisher = resources.use(new ConfirmedPublisher(CONFIRM_TIMEOUT_MS));
const node = () => broker.node;
const publisher = tracedPublisher(measuredPublisher(confirmedPublisher, { metrics, node }), {
  tracing,
  spanName: "amqp-publish",
  node,
});
const appId = `${SERVICE}/${VERSION}`;
const deadLetters = new DeadLetters({ publisher, tracing, appId });
const queueLengths = new QueueLengths(emailQueues(configuration.RETRY_DELAYS), QUEUES_FRESH_MS);
const broker = resources.use(
  BrokerConnection.open({
    urls: configuration.AMQP_URL,
    clientName: SERVICE,
    setup: async (connection) => {
      const channel = await essentialChannel(connection, (c) => c.createConfirmChannel());
      await keepTopology(channel);
      confirmedPublisher.attach(connection, channel);
      deadLetters.attach(connection);
      queueLengths.attach(connection);
    },
  }),
);

const { ARCHIVE_URL, API_TOKEN } = configuration;
const zipkinUrl = zipkinToRead(telemetry);
const zipkinPublicUrl = zipkinUrl && (configuration.ZIPKIN_PUBLIC_URL ?? zipkinUrl);
const tracesUrl = zipkinPublicUrl && underBase(zipkinPublicUrl, "zipkin/traces/").href;
const traceUrl = (traceId: string) => tracesUrl && `${tracesUrl}${traceId}`;
const zipkin = zipkinUrl && new ZipkinApi(zipkinUrl);
const emails = zipkin && createEmailReader(zipkin, traceUrl, telemetry.serviceName);
const readQueues = createQueueReader(queueLengths);
const feed = new CollectorFeed({
  reader: emails,
  readQueues,
  timer: processTimer,
  now: () => performance.now(),
});
const budget = new ByteBudget(BODY_CAPACITY_BYTES, () => confirmedPublisher.unconfirmedBytes);
const sources = {
  readiness: () => broker.readiness.ready ? confirmedPublisher.readiness : broker.readiness,
  lostSpanCount: () => tracing.lostSpanCount,
};
observeHealth(metrics, sources);
observeServer(metrics, { feed, budget, emails });
const app = createApp({
  tracing,
  metrics,
  schedule: createEmailScheduler({
    publisher,
    messageIdDomain: configuration.MESSAGE_ID_DOMAIN,
    appId,
  }),
  bodies: { budget, deadlines: resources.use(new Deadlines(BODY_TIMEOUT_MS)) },
  emails,
  explorer: zipkin && new Explorer({ api: zipkin, traceUrl, now: Date.now }),
  feed,
  timer: processTimer,
  readMail: ARCHIVE_URL && createMailReader(ARCHIVE_URL, API_TOKEN),
  readQueues,
  deadLetters,
  faultsUrl: configuration.FAULTS_URL,
  ...sources,
  traceUrl,
  apiToken: API_TOKEN,
  isLocal: isLoopback(configuration.HOST) && API_TOKEN === undefined,
  isStopping: () => http.isStopping,
});

const http = resources.use(
  listenOrExit(
    { hostname: configuration.HOST, port: configuration.PORT, variable: "PORT" },
    app.fetch,
  ),
);
// Before the server, which waits for open requests: a stream would never end.
resources.use(feed);
getLogger([SERVICE]).info("Listening on {url}", {
  url: `http://${http.addr.hostname}:${http.addr.port}`,
});

await runUntilStopped(resources, { atStdinEof: configuration.STOP_AT_STDIN_EOF });

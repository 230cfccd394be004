/**
 * The message server: takes emails by HTTP and puts them on the queue.
 *
 * A request passes {@link createApp}: it is traced, checked against the email document's schema, turned into a message by the
 * email scheduler and published with a confirm; then it is answered 202. What becomes of the email later is read back from the
 * collector.
 *
 * @module
 */
import {
  BrokerConnection,
  ConfirmedPublisher,
  essentialChannel,
  keepTopology,
  tracedPublisher,
} from "@playground/shared/amqp";
import { configurationOrExit } from "@playground/shared/configuration";
import { answerCommandLine, listenOrExit, stopRequested } from "@playground/shared/lifecycle";
import { getLogger, startLogging } from "@playground/shared/logging";
import { startTracing } from "@playground/shared/tracing";
import { VERSION } from "@playground/shared/version";
import { createApp } from "./app.ts";
import { serverConfiguration } from "./configuration.ts";
import { createEmailScheduler } from "./email_scheduler.ts";
import { createSpanReader } from "./trace_view/mod.ts";

const SERVICE = "message-server";
const CONFIRM_TIMEOUT_MS = 5_000;

await answerCommandLine({
  service: SERVICE,
  health: () => {
    const { HOST, PORT } = configurationOrExit(SERVICE, serverConfiguration);
    return { hostname: HOST, port: PORT };
  },
});
const configuration = configurationOrExit(SERVICE, serverConfiguration);
await startLogging({ level: configuration.LOG_LEVEL, format: configuration.LOG_FORMAT });

await using resources = new AsyncDisposableStack();

const tracing = resources.use(await startTracing(SERVICE, configuration));

const confirmedPublisher = new ConfirmedPublisher(CONFIRM_TIMEOUT_MS);
const broker = resources.use(
  await BrokerConnection.open({
    urls: configuration.AMQP_URL,
    clientName: SERVICE,
    setup: async (connection) => {
      const channel = await essentialChannel(connection, (c) => c.createConfirmChannel());
      await keepTopology(channel);
      confirmedPublisher.attach(connection, channel);
    },
  }),
);

const zipkinPublicUrl = configuration.ZIPKIN_PUBLIC_URL ?? configuration.ZIPKIN_URL;
const app = createApp({
  tracing,
  schedule: createEmailScheduler({
    publisher: tracedPublisher(confirmedPublisher, {
      tracing,
      spanName: "amqp-publish",
      node: () => broker.node,
    }),
    messageIdDomain: configuration.MESSAGE_ID_DOMAIN,
    appId: `${SERVICE}/${VERSION}`,
    now: Date.now,
    newId: () => crypto.randomUUID(),
  }),
  readSpans: configuration.ZIPKIN_URL && createSpanReader(configuration.ZIPKIN_URL),
  readiness: () => broker.readiness,
  lostSpanCount: () => tracing.lostSpanCount,
  traceUrl: (traceId) =>
    zipkinPublicUrl && new URL(`/zipkin/traces/${traceId}`, zipkinPublicUrl).href,
  apiToken: configuration.API_TOKEN,
});

const http = resources.use(
  listenOrExit(
    { hostname: configuration.HOST, port: configuration.PORT, variable: "PORT" },
    app.fetch,
  ),
);
getLogger([SERVICE]).info("Listening on {url}", {
  url: `http://${http.addr.hostname}:${http.addr.port}`,
});

await stopRequested({ atStdinEof: configuration.STOP_AT_STDIN_EOF });

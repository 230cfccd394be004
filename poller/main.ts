/**
 * The mail poller: takes mails out of the inbox at Mailtrap and puts them into MongoDB.
 *
 * The schedule polls at an interval; with `--once` there is one poll and no schedule. A poll lists the inbox, and for each message
 * fetches the mail, makes it a document of the archive, stores it, and only then deletes it from the inbox. The health port shows
 * archived mails as well.
 *
 * @module
 */
import { configurationOrExit } from "@playground/shared/configuration";
import { fetchWithCredentials } from "@playground/shared/http";
import { answerCommandLine, runUntilStopped, serveHealth } from "@playground/shared/lifecycle";
import { waitAtMost } from "@playground/shared/time";
import { getLogger, startLogging } from "@playground/shared/logging";
import { observeHealth, startMetrics } from "@playground/shared/metrics";
import { telemetryOf } from "@playground/shared/telemetry";
import { activeTraceId, startTracing } from "@playground/shared/tracing";
import { MongoArchive, readArchive, tracedArchive } from "./archive/mod.ts";
import { pollerConfiguration } from "./configuration.ts";
import { mailtrapInbox, tracedInbox } from "./mailtrap/mod.ts";
import { measuredArchive, measuredFetch, measuredPoll } from "./measured.ts";
import { createPoll } from "./poll.ts";
import { PollHealth } from "./poll_health.ts";
import { runSchedule } from "./schedule.ts";
import { tracedPoll } from "./traced_poll.ts";

const SERVICE = "mail-poller";
/** How long a stop waits for the mails in hand; the next poll, of this poller or another, finds them again. */
const FINISH_TIMEOUT_MS = 8_000;

await answerCommandLine({
  service: SERVICE,
  health: () => {
    const { HOST, HEALTH_PORT } = configurationOrExit(SERVICE, pollerConfiguration);
    return { hostname: HOST, port: HEALTH_PORT };
  },
});
const configuration = configurationOrExit(SERVICE, pollerConfiguration);
const { TRACE_THROUGH_SMTP: traceThroughSmtp } = configuration;

await using resources = new AsyncDisposableStack();

const telemetry = telemetryOf(SERVICE, configuration);
resources.use(await startLogging(configuration, telemetry));
const tracing = resources.use(await startTracing(telemetry));
const metrics = resources.use(await startMetrics(telemetry));

// Only HTTP/1.1 shows whether an answer is complete: for HTTP/2, `fetch` reveals neither that nor the version.
const client = resources.use(Deno.createHttpClient({ http2: false }));
const fetchFromMailtrap = fetchWithCredentials(configuration.MAILTRAP_URL);
const inbox = mailtrapInbox(
  configuration,
  measuredFetch(
    (input, init) => fetchFromMailtrap(input, { ...init, client }),
    metrics,
    configuration.MAILTRAP_URL,
  ),
);
const mongo = resources.use(new MongoArchive(configuration.MONGODB_URL));
const archive = tracedArchive(measuredArchive(mongo, metrics, mongo.server), {
  tracing,
  traceThroughSmtp,
  server: mongo.server,
});

const stop = new AbortController();
const isOnce = Deno.args.includes("--once");
const health = new PollHealth(() => mongo.readiness());
const archiveInbox = createPoll({
  inbox: tracedInbox(inbox, tracing, traceThroughSmtp),
  archive: health.watchArchive(archive),
  concurrency: configuration.POLL_CONCURRENCY,
  pollsPerHour: 3600 / configuration.POLL_INTERVAL_SECONDS,
  pollTraceId: activeTraceId,
  signal: stop.signal,
  logsEmptyPolls: isOnce,
});
const poll = measuredPoll(health.watchPoll(tracedPoll(archiveInbox, tracing)), metrics);

const logger = getLogger([SERVICE]);
if (isOnce) {
  const { failures } = await poll();
  if (failures.length > 0) Deno.exitCode = 1;
} else {
  const schedule = runSchedule({
    poll,
    intervalSeconds: configuration.POLL_INTERVAL_SECONDS,
    cron: Deno.cron,
    signal: stop.signal,
  });
  const sources = {
    readiness: () => health.readiness,
    lostSpanCount: () => tracing.lostSpanCount,
  };
  observeHealth(metrics, sources);
  const archiveReader = readArchive(mongo, configuration);
  const http = serveHealth(
    { hostname: configuration.HOST, port: configuration.HEALTH_PORT, variable: "HEALTH_PORT" },
    sources,
    (request) => metrics.answer(request) ?? archiveReader(request),
  );
  // In parallel: an open request must not delay the end of polling.
  resources.defer(async () => {
    stop.abort();
    await Promise.all([waitAtMost(FINISH_TIMEOUT_MS, schedule), http[Symbol.asyncDispose]()]);
  });
  logger.info("Polling {url} every {seconds} s", {
    url: configuration.MAILTRAP_URL.origin,
    seconds: configuration.POLL_INTERVAL_SECONDS,
  });
  await runUntilStopped(resources, { atStdinEof: configuration.STOP_AT_STDIN_EOF });
}

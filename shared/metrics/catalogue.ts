/**
 * The metrics of the three services. `metrics.md` is made from it.
 *
 * ```ts
 * import { METRICS } from "@playground/shared/metrics/catalogue";
 *
 * console.log(METRICS["playground.dead_letters"].meaning);
 * ```
 *
 * @module
 */

/** One metric: what it counts or measures, and its attributes. */
export interface MetricDefinition {
  /** A histogram of measurements, a counter that only grows, or a gauge of a current value. */
  readonly instrument: "histogram" | "counter" | "gauge";
  /** Its unit (https://ucum.org); in braces: what is counted. */
  readonly unit: string;
  /** Its meaning, in Markdown. */
  readonly meaning: string;
  readonly services: readonly ("message-server" | "emailer" | "mail-poller")[];
  /** The names of its attributes, which have few values. @default none */
  readonly attributes?: readonly string[];
  readonly buckets?: readonly number[];
}

const ALL = ["message-server", "emailer", "mail-poller"] as const;
/** The semantic conventions' advice for requests and messages, and for databases. */
const CALL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const DATABASE_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
/** A mail server may take minutes. */
const LONG_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 600];

/**
 * Every metric of the three services. The first have the names and attributes of OpenTelemetry's semantic conventions 1.44; the
 * others are in a namespace of their own. No attribute ever has an id or an address.
 */
export const METRICS = {
  "http.server.request.duration": {
    instrument: "histogram",
    unit: "s",
    meaning: "How long a request took to be answered",
    services: ["message-server"],
    attributes: [
      "http.request.method",
      "http.route",
      "http.response.status_code",
      "url.scheme",
      "error.type",
    ],
    buckets: CALL_BUCKETS,
  },
  "http.client.request.duration": {
    instrument: "histogram",
    unit: "s",
    meaning: "How long the Mailtrap API took to answer",
    services: ["mail-poller"],
    attributes: [
      "http.request.method",
      "server.address",
      "server.port",
      "http.response.status_code",
      "error.type",
    ],
    buckets: CALL_BUCKETS,
  },
  "messaging.client.operation.duration": {
    instrument: "histogram",
    unit: "s",
    meaning: "How long RabbitMQ took to confirm a message; `error.type` says why it did not",
    services: ["message-server", "emailer"],
    attributes: [
      "messaging.system",
      "messaging.operation.name",
      "messaging.operation.type",
      "messaging.destination.name",
      "server.address",
      "server.port",
      "error.type",
    ],
    buckets: CALL_BUCKETS,
  },
  "messaging.process.duration": {
    instrument: "histogram",
    unit: "s",
    meaning: "How long a message was processed, from its receipt until it can be acknowledged",
    services: ["emailer"],
    attributes: [
      "messaging.system",
      "messaging.operation.name",
      "messaging.destination.name",
      "server.address",
      "server.port",
      "error.type",
    ],
    buckets: LONG_BUCKETS,
  },
  "db.client.operation.duration": {
    instrument: "histogram",
    unit: "s",
    meaning: "How long MongoDB took to store a mail",
    services: ["mail-poller"],
    attributes: [
      "db.system.name",
      "db.operation.name",
      "db.namespace",
      "db.collection.name",
      "server.address",
      "server.port",
      "error.type",
    ],
    buckets: DATABASE_BUCKETS,
  },
  "playground.ready": {
    instrument: "gauge",
    unit: "1",
    meaning: "1 while `/readyz` says ready, else 0",
    services: ALL,
  },
  "playground.spans.lost": {
    instrument: "counter",
    unit: "{span}",
    meaning: "Spans that never reached the collector",
    services: ALL,
  },
  "playground.email.accepted": {
    instrument: "counter",
    unit: "{email}",
    meaning: "Emails that were answered 202: RabbitMQ has them",
    services: ["message-server"],
  },
  "playground.email.refused": {
    instrument: "counter",
    unit: "{email}",
    meaning: "Emails that were not accepted; `reason` is the title of the answer's problem",
    services: ["message-server"],
    attributes: ["reason"],
  },
  "playground.email.archive_time": {
    instrument: "gauge",
    unit: "s",
    meaning: "From accepted to archived, for those of the newest 50 emails whose spans prove it",
    services: ["message-server"],
    attributes: ["quantile"],
  },
  "playground.event_streams": {
    instrument: "gauge",
    unit: "{stream}",
    meaning: "Open streams of `/api/events`",
    services: ["message-server"],
  },
  "playground.requests.in_flight": {
    instrument: "gauge",
    unit: "By",
    meaning: "Bytes of requests and of messages that RabbitMQ has not confirmed yet",
    services: ["message-server"],
  },
  "playground.email.attempts": {
    instrument: "counter",
    unit: "{attempt}",
    meaning: "Attempts to send an email, by outcome",
    services: ["emailer"],
    attributes: ["outcome"],
  },
  "playground.smtp.duration": {
    instrument: "histogram",
    unit: "s",
    meaning: "How long sending a mail took, the wait for a connection included",
    services: ["emailer"],
    attributes: ["outcome"],
    buckets: LONG_BUCKETS,
  },
  "playground.queue.messages": {
    instrument: "gauge",
    unit: "{message}",
    meaning:
      "Emails that wait to be sent, for the first time or again; every emailer reports the same",
    services: ["emailer"],
  },
  "playground.retries.waiting": {
    instrument: "gauge",
    unit: "{message}",
    meaning:
      "Emails that wait for their next attempt, by how long they wait; every emailer reports the same",
    services: ["emailer"],
    attributes: ["delay"],
  },
  "playground.dead_letters": {
    instrument: "gauge",
    unit: "{message}",
    meaning: "Emails that were given up; every emailer reports the same",
    services: ["emailer"],
  },
  "playground.sending.paused": {
    instrument: "gauge",
    unit: "1",
    meaning: "1 while the emailer pauses until a person acts, else 0",
    services: ["emailer"],
  },
  "playground.poll.duration": {
    instrument: "histogram",
    unit: "s",
    meaning: "How long a poll took; `error.type` is set if something failed",
    services: ["mail-poller"],
    attributes: ["error.type"],
    buckets: LONG_BUCKETS,
  },
  "playground.poll.age": {
    instrument: "gauge",
    unit: "s",
    meaning: "How long ago the last successful poll ended",
    services: ["mail-poller"],
  },
  "playground.mail.archived": {
    instrument: "counter",
    unit: "{mail}",
    meaning: "Mails that were archived, our emails or not",
    services: ["mail-poller"],
  },
  "playground.inbox.mails": {
    instrument: "gauge",
    unit: "{mail}",
    meaning: "Mails that the last poll found in the inbox",
    services: ["mail-poller"],
  },
  "playground.inbox.withheld": {
    instrument: "gauge",
    unit: "{mail}",
    meaning: "Mails that Mailtrap does not hand over or delete for certain: they stay in the inbox",
    services: ["mail-poller"],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** The name of a metric of the catalogue. */
export type MetricName<Instrument = MetricDefinition["instrument"]> = {
  [Name in keyof typeof METRICS]: typeof METRICS[Name]["instrument"] extends Instrument ? Name
    : never;
}[keyof typeof METRICS];

/** A metric's name in Prometheus (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/). */
export function prometheusName(name: string, { instrument }: MetricDefinition): string {
  const base = name.replaceAll(".", "_");
  return instrument === "counter" ? `${base}_total` : base;
}

import type { Lesson } from "../lesson.ts";

/** How long the collector is away. */
const OUTAGE_MS = 5_000;

/** The lessons about tracing itself. */
export const TRACING: readonly Lesson[] = [
  {
    number: 13,
    title: "No collector",
    introduction:
      "For five seconds Zipkin answers 503 to everything. For so long there is nothing to be seen; then " +
      "look for what is missing.",
    faults: [{ name: "zipkin.reply", value: "503" }],
    mendedWhen: ({ elapsedMs }) => elapsedMs > OUTAGE_MS,
    endState: "archived",
    expectedSpans: [
      {
        span: "schedule-email",
        isFailed: false,
        tags: { "http.status_code": "202" },
        explanation:
          "Not slower by a millisecond: a span is handed to a queue, not to the network.",
      },
      {
        span: "amqp-publish",
        isFailed: false,
        explanation: "Nothing is missing: what was sent in vain went back to the queue.",
      },
      {
        span: "emailer",
        isFailed: false,
        tags: { outcome: "delivered" },
        explanation: "Every service waits for the collector by itself.",
      },
      {
        span: "archive-email",
        isFailed: false,
        explanation: "It happened while nobody could see it, and is told with the times of then.",
      },
    ],
    conclusion:
      "The queue is bounded: in a longer outage spans are lost, never emails, and lostSpanCount of " +
      "/readyz counts them.",
  },
  {
    number: 14,
    title: "The email that nobody sees",
    introduction:
      "The caller asks for no trace: X-B3-Sampled is 0. Look for the email in the collector, and in the " +
      "archive.",
    faults: [],
    headers: { "X-B3-Sampled": "0" },
    expectedSpans: [],
    absentSpans: [
      "schedule-email",
      "amqp-publish",
      "emailer",
      "send-email",
      "archive-email",
      "store-message",
    ],
    checks: [{ kind: "archived" }],
    conclusion:
      "The decision is made once, by whoever begins, and travels along: in HTTP, in AMQP and in the mail. " +
      "Were it made at each hop, there would be torn traces.",
  },
  {
    number: 15,
    title: "What the stock exporter cannot show",
    introduction:
      "The services report through OpenTelemetry's own Zipkin exporter. The spans are the same. Look at " +
      "the graph that Zipkin draws from them.",
    faults: [],
    ownSystem: {
      because: "the services are started with OTEL_TRACES_EXPORTER=zipkin-stock",
      settings: { OTEL_TRACES_EXPORTER: "zipkin-stock" },
    },
    endState: "archived",
    expectedSpans: [
      {
        span: "amqp-publish",
        isFailed: false,
        explanation: "There, with all its tags. What is not: its remoteEndpoint, the other side, " +
          "from which Zipkin makes the edges of its graph.",
      },
      {
        span: "send-email",
        isFailed: false,
        explanation: "peer.service says mailtrap; for Zipkin that is a tag like any other.",
      },
      { span: "archive-email", isFailed: false, explanation: "The journey itself is the same." },
    ],
    checks: [{ kind: "dependencies", edges: ["rabbitmq → emailer"], isAll: true }],
    conclusion:
      "Lesson 1 ends with the whole graph; of it one edge is left, where a span of one service is the " +
      "child of another's. Mailtrap and MongoDB, which report nothing themselves, are gone. Hence the exporter of our own (shared/tracing/zipkin_exporter.ts), " +
      "held against the stock one by a test: equal but for what that leaves out.",
  },
];

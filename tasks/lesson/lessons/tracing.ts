import { type Lesson, row } from "../lesson.ts";

export const TRACING: readonly Lesson[] = [
  {
    number: 13,
    title: "No collector",
    introduction:
      "For five seconds Zipkin answers 503 to everything. Meanwhile nothing can be seen; afterwards, look " +
      "for what is missing.",
    faults: [{ name: "zipkin.reply", value: "503" }],
    mendedAfter: { elapsedMs: 5_000 },
    faultLabel: "no collector",
    expectedSpans: [
      row(
        "schedule-email",
        "Not a millisecond slower without the collector: a span goes to a queue, not the network.",
        { tags: { "http.status_code": "202" } },
      ),
      row("amqp-publish", "Nothing is missing: rejected spans went back to the queue."),
      row("emailer", "Each service waits for the collector on its own.", {
        tags: { outcome: "delivered" },
      }),
      row("archive-email", "Reported later, with the original times."),
    ],
    conclusion:
      "The queue is bounded: in a longer outage spans are lost, never emails, and lostSpanCount in " +
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
    endState: "any",
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
      "The first service of a trace decides, and the decision travels along: in HTTP, in AMQP and in the " +
      "mail. If each hop decided for itself, traces would break.",
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
    expectedSpans: [
      row(
        "amqp-publish",
        "With all its tags, but no remoteEndpoint, from which Zipkin makes its graph's edges.",
        { remoteService: null },
      ),
      row("send-email", "It says whom it calls; for Zipkin that is a tag like any other.", {
        shownTags: ["peer.service"],
      }),
      row("archive-email", "The journey itself is the same."),
    ],
    checks: [{ kind: "dependencies", edges: ["rabbitmq → emailer"], isAll: true }],
    conclusion:
      "Lesson 1 ends with the whole graph. One edge is left here: where a span of one service is the child " +
      "of another's. Mailtrap and MongoDB, which report no spans, are gone. That is why the " +
      "playground has its own exporter (shared/tracing/zipkin_exporter.ts); a test compares the two.",
  },
];

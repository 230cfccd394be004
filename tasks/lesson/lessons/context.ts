import type { Lesson } from "../lesson.ts";

const TRACE_ID = /^[0-9a-f]{32}$/;

export const CONTEXT: readonly Lesson[] = [
  {
    number: 28,
    title: "Link or parent",
    introduction:
      "Mailtrap hangs up in the middle of the mail, twice. The emailer runs with TRACE_RETRIES=link: each " +
      "attempt after the first is a trace of its own. Count the rows without a parent, and follow the email " +
      "from one to the next.",
    faults: [{ name: "smtp.drop-during-data" }],
    mendedAfter: { failedSpan: "send-email", times: 2 },
    ownSystem: {
      because: "the emailer is started with TRACE_RETRIES=link",
      settings: { TRACE_RETRIES: "link" },
    },
    expectedSpans: [
      {
        name: "emailer",
        isFailed: true,
        tags: { attempt: "1", outcome: "retried" },
        explanation: "In the trace of the request, as ever.",
      },
      {
        name: "amqp-retry",
        minDurationMs: 900,
        tags: { "retry.trace_id": TRACE_ID },
        explanation:
          "The wait ends the first trace. retry.trace_id names the next one, beside an OpenTelemetry link.",
      },
      {
        name: "emailer",
        isFailed: true,
        parentId: null,
        tags: { attempt: "2", outcome: "retried", "origin.trace_id": TRACE_ID },
        explanation:
          "No parent: another trace begins. origin.trace_id and origin.span_id lead back to the wait.",
      },
      {
        name: "amqp-retry",
        minDurationMs: 4_900,
        tags: { "retry.trace_id": TRACE_ID },
        explanation: "Had it been ten minutes, the next trace would still be short.",
      },
      {
        name: "emailer",
        parentId: null,
        tags: { attempt: "3", outcome: "delivered", "origin.trace_id": TRACE_ID },
        explanation: "The third trace. The mail carries this one, not the first.",
      },
      {
        name: "archive-email",
        explanation:
          "So what the poller archives is reported here: the email ends in its last trace.",
      },
    ],
    conclusion:
      "A child is part of its parent's trace; a link only says what it comes from. One trace tells the whole " +
      "story at once (lesson 3), but is complete only after the last retry: too late for whoever decides " +
      "earlier what to keep. With links each attempt can be kept or dropped by itself, and you must follow " +
      "them. Zipkin knows no links, so they are tags as well; OTLP carries real ones.",
  },
  {
    number: 29,
    title: "Baggage",
    introduction:
      "The caller sends two things along that are not part of the email, in one header: " +
      "baggage: tenant=acme,password=hunter2. Look for both in the tags of each service, and in the headers " +
      "of the archived mail.",
    faults: [],
    headers: { baggage: "tenant=acme,password=hunter2" },
    expectedSpans: [
      {
        name: "schedule-email",
        tags: { tenant: "acme", password: null },
        shownTags: ["tenant"],
        explanation:
          "From the HTTP header. The password is dropped here: only allowed keys are taken.",
      },
      {
        name: "amqp-publish",
        tags: { tenant: "acme" },
        explanation: "The message has the header baggage: tenant=acme, beside the trace's own.",
      },
      {
        name: "emailer",
        tags: { tenant: "acme", password: null, outcome: "delivered" },
        shownTags: ["tenant"],
        explanation: "Another process, which never saw the request. A retry would know it too.",
      },
      {
        name: "send-email",
        tags: { tenant: "acme" },
        explanation: "The mail has the header now. Whoever receives the mail can read it.",
      },
      {
        name: "archive-email",
        tags: { tenant: "acme" },
        explanation: "The poller read it from the mail: three protocols later.",
      },
      {
        name: "poll-email",
        tags: { tenant: null },
        explanation: "No tenant: a poll handles the mails of many.",
      },
      {
        name: "store-message",
        tags: { tenant: "acme" },
        shownTags: ["tenant"],
        explanation: "A step for this mail, in the poll's trace: it has the tag all the same.",
      },
    ],
    conclusion:
      "In Zipkin, tenant=acme now finds the spans of every service. The price: baggage goes to everyone " +
      "downstream, costs its bytes in each message and each mail, and anybody can send it. So it is never a " +
      "secret, never a person, and never a proof of who is calling. TRACE_BAGGAGE_KEYS is the list of what " +
      "is taken.",
  },
];

import { type Lesson, row } from "../lesson.ts";

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
      row("emailer", "In the trace of the request, as ever.", {
        isFailed: true,
        tags: { attempt: "1", outcome: "retried" },
      }),
      row("amqp-retry", "The wait ends the first trace. retry.trace_id names the next one.", {
        minDurationMs: 900,
        tags: { "retry.trace_id": TRACE_ID },
      }),
      row("emailer", "No parent: another trace. origin.trace_id leads back to the wait.", {
        isFailed: true,
        parentId: null,
        tags: { attempt: "2", outcome: "retried", "origin.trace_id": TRACE_ID },
      }),
      row("amqp-retry", "Had it been ten minutes, the next trace would still be short.", {
        minDurationMs: 4_900,
        tags: { "retry.trace_id": TRACE_ID },
      }),
      row("emailer", "The third trace. The mail carries this one, not the first.", {
        parentId: null,
        tags: { attempt: "3", outcome: "delivered", "origin.trace_id": TRACE_ID },
      }),
      row("archive-email", "In the last trace, which the mail carried: there the email ends."),
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
      row("schedule-email", "From the HTTP header. Only allowed keys are taken: no password.", {
        tags: { tenant: "acme", password: null },
        shownTags: ["tenant"],
      }),
      row("amqp-publish", "The message has the header baggage: tenant=acme.", {
        tags: { tenant: "acme" },
      }),
      row("emailer", "Another process, which never saw the request. A retry would know it too.", {
        tags: { tenant: "acme", password: null, outcome: "delivered" },
        shownTags: ["tenant"],
      }),
      row("send-email", "The mail has the header now. Whoever receives the mail can read it.", {
        tags: { tenant: "acme" },
      }),
      row("archive-email", "The poller read it from the mail: three protocols later.", {
        tags: { tenant: "acme" },
      }),
      row("poll-email", "No tenant: a poll handles the mails of many.", { tags: { tenant: null } }),
      row("store-message", "Part of the poll, but work for this mail: it has the tag.", {
        tags: { tenant: "acme" },
        shownTags: ["tenant"],
      }),
    ],
    conclusion:
      "In Zipkin, tenant=acme now finds the spans of every service. The price: baggage goes to everyone " +
      "downstream, costs its bytes in each message and each mail, and anybody can send it. So it is never a " +
      "secret, never a person, and never a proof of who is calling. TRACE_BAGGAGE_KEYS is the list of what " +
      "is taken.",
  },
];

import { type Lesson, row } from "../lesson.ts";

export const BROKEN_TRACING: readonly Lesson[] = [
  {
    number: 16,
    title: "A context that is lost in the broker",
    introduction:
      "RabbitMQ removes the trace headers of each message, as a plugin or a bridge between brokers may. " +
      "The email arrives. Look for the place where its trace ends, and where another one begins.",
    faults: [{ name: "rabbitmq.trace-headers", value: "strip" }],
    expectedSpans: [
      row(
        "amqp-publish",
        "The last span of the first trace. The consumer knows no id under which to report the broker's half.",
      ),
      row(
        "emailer",
        "The root of a second trace. In Zipkin nothing leads from one to the other: each looks complete.",
        { parentId: null, tags: { attempt: "1", outcome: "delivered" } },
      ),
      row("archive-email", "The second trace goes on: the mail carries the new context."),
    ],
    conclusion:
      "A trace is only as long as the chain of hops that pass its context on. Both parts have the email's " +
      "id, in messaging.message.id and correlation_id: by that the page found the second one. Put your own " +
      "id on every span that has one: it still connects them when the context is lost.",
  },
  {
    number: 17,
    title: "A context that is lost in the mail",
    introduction:
      "Mailtrap removes the trace headers of each mail, as gateways do with headers that they do not know. " +
      "Look for the end of the email's trace, and for the mail.",
    faults: [{ name: "smtp.trace-headers", value: "strip" }],
    expectedSpans: [
      row("send-email", "The last span of the email's trace: no archive-email follows.", {
        tags: { "smtp.reply_code": "250" },
      }),
      row("poll-email", "The poll works as ever. It cannot know whose trace its mail belongs to."),
      row(
        "store-message",
        "The only span that still names the email, by the header X-Email-Id, which came through.",
        { tags: { "origin.trace_id": null }, shownTags: ["correlation_id"] },
      ),
    ],
    absentSpans: ["archive-email"],
    checks: [{ kind: "archived" }],
    conclusion:
      "Whoever counts delivered emails by their traces would count this one as lost. Keep what must be " +
      "known, here whether an email arrived, in the data; a trace only explains it.",
  },
  {
    number: 18,
    title: "A context that a gateway replaced",
    introduction:
      "Something between the services begins a trace of its own and overwrites the one in the message. " +
      "Look for two halves of one span in two traces.",
    faults: [{ name: "rabbitmq.trace-headers", value: "foreign" }],
    expectedSpans: [
      row(
        "amqp-publish",
        "The publisher's half. The broker's half, which belongs to the same message, is in another trace.",
        { kind: "PRODUCER", shownTags: ["messaging.message.id"] },
      ),
      row(
        "amqp-publish",
        "The broker's half, under the ids in the message. A valid context is believed.",
        { kind: "CONSUMER", parentId: null, shownTags: ["messaging.message.id"] },
      ),
      row("emailer", "Continues the foreign trace, and so does all that follows.", {
        tags: { outcome: "delivered" },
      }),
    ],
    conclusion:
      "A gateway that takes part in tracing must continue the context that it is given, and one that does " +
      "not must pass it on untouched. Compare the ids before and behind each hop, once, in a test: " +
      "tests/system/journey_test.ts does.",
  },
  {
    number: 19,
    title: "A context that nobody can read",
    introduction:
      "The caller writes its trace id as a UUID, with dashes. B3 wants 32 digits. Look for the caller's " +
      "trace in the email's.",
    faults: [],
    headers: {
      "X-B3-TraceId": "463ac35c-9f64-13ad-4848-5a3978bb5ecc",
      "X-B3-SpanId": "8dc810654b39fa50",
      "X-B3-Sampled": "1",
    },
    expectedSpans: [
      row("schedule-email", "A root: an unreadable context is ignored, and costs no request.", {
        parentId: null,
        tags: { "http.status_code": "202" },
      }),
      row("emailer", "From here on one valid context is passed from hop to hop."),
    ],
    conclusion:
      "The caller's trace ends at its own request, and both standards say that it must: whoever cannot read a " +
      "context starts a new trace. The sampling decision beside it can be read, and is followed.",
  },
  {
    number: 20,
    title: "A service that decides for itself",
    introduction:
      "The emailer is started with OTEL_TRACES_SAMPLER=traceidratio and a ratio of 0: it samples by its " +
      "own ratio, not by its caller's decision. Look for what else is missing.",
    faults: [{ name: "services.own-sampler", value: "emailer" }],
    endState: "any",
    expectedSpans: [
      row("schedule-email", "Sampled: the first service decided so."),
      row("amqp-publish", "Nothing follows: by its trace, the email may still be in the queue."),
    ],
    absentSpans: ["emailer", "send-email", "archive-email"],
    checks: [{ kind: "archived" }],
    conclusion:
      "A decision travels with the context, the emailer's as well: the poller, which follows its caller, " +
      "reports nothing either. Sample by parentbased_traceidratio everywhere; a ratio belongs to the service " +
      "in which traces start.",
  },
  {
    number: 21,
    title: "Head sampling, and the one error",
    introduction:
      "Under load, somebody has set TRACE_SAMPLE_RATIO to 0.05: of twenty traces one is kept, decided at " +
      "the start. Now five emails fail. Look for the reason in their traces.",
    faults: [{ name: "smtp.recipient-reply", value: "550" }],
    emailCount: 5,
    ownSystem: {
      because: "the services are started with TRACE_SAMPLE_RATIO=0.05",
      settings: { TRACE_SAMPLE_RATIO: "0.05" },
    },
    endState: "any",
    expectedSpans: [],
    absentSpans: ["schedule-email", "amqp-publish", "emailer", "send-email"],
    checks: [{ kind: "dead-lettered", count: 5 }],
    conclusion:
      "Head sampling decides before anybody knows which trace will matter. It costs little, and is right for what " +
      "happens often: rates, durations, the usual path. The rare error is most likely among what was thrown " +
      "away; it is in the log and in the dead letter. The next lesson decides at the tail.",
  },
  {
    number: 22,
    title: "Tail sampling, and how long it must wait",
    introduction:
      "Now the collector decides, three seconds after a trace's first span: it keeps those with an error. " +
      "Three emails are sent at once to a mail server that takes one a second. Look for the two that failed.",
    faults: [
      { name: "spans.tail-sampling", value: "3000" },
      { name: "smtp.rate-limit", value: "1" },
    ],
    emailCount: 3,
    expectedSpans: [
      row("schedule-email", "Kept, though it has no error: a trace is kept whole or not at all."),
      row("emailer", "The error that keeps this trace. The email without one has no trace.", {
        isFailed: true,
        tags: { outcome: "retried" },
      }),
      row("emailer", "The retry was over before the decision.", { tags: { outcome: "delivered" } }),
    ],
    conclusion:
      "How long should it wait? The ladder is 1s, 5s, 30s, 2m, 10m: a trace is over after thirteen minutes. " +
      "A short wait decides before an error that comes late, and drops it; a long one holds every span in " +
      "memory until then, and shows nobody anything meanwhile. Ways out: keep whatever has a first failure, " +
      "as here, or make each attempt a trace of its own, with a link.",
  },
  {
    number: 23,
    title: "A clock that is ahead",
    introduction:
      "The clock of the emailer's machine is two seconds ahead. Look for an effect before its cause, and " +
      "compare with the raw times in Zipkin.",
    faults: [{ name: "spans.clock-ahead", value: "emailer" }],
    expectedSpans: [
      row("amqp-publish", "By the message server's clock. Two seconds seem to pass until emailer."),
      row("emailer", "Raw, it begins two seconds later, and after its own child: that cannot be."),
      row("archive-email", "By the poller's clock: it seems to be archived before it was sent."),
    ],
    conclusion:
      "Durations are measured by one clock and are right; the gaps between services are differences of two. " +
      "The picture moves a clock only where cause and effect contradict it, and says so. Two seconds on the " +
      "poller's clock would look like two seconds of waiting, and nobody could tell. Keep NTP running.",
  },
  {
    number: 24,
    title: "A service whose spans are all lost",
    introduction:
      "The agent that collects the emailer's spans is full and drops them all. The email arrives. Look for the " +
      "hole, and for what its edges still say.",
    faults: [{ name: "spans.lose", value: "emailer" }],
    endState: "any",
    expectedSpans: [
      row("schedule-email", "As ever."),
      row("amqp-publish", "Both halves are there: an emailer has received the message."),
      row("archive-email", "Names a parent that is not there: so an emailer has sent the mail."),
    ],
    absentSpans: ["emailer", "send-email"],
    checks: [{ kind: "archived" }],
    conclusion:
      "A lost span does not say that it is lost; its parents and children do. The page does not call the email " +
      "delivered: no span proves it, and a mail may claim any id. What is not seen has not failed, and has not " +
      "succeeded either. Here lostSpanCount in /readyz is 0: the emailer has handed its spans over.",
  },
  {
    number: 25,
    title: "A tenth of the spans is lost",
    introduction:
      "The collector loses one span in ten, at random. Forty emails are sent. Look at one whose " +
      "trace has a hole.",
    faults: [{ name: "spans.lose", value: "any", probability: 0.1 }],
    emailCount: 40,
    lacksOneOf: ["schedule-email", "emailer", "send-email"],
    endState: "any",
    expectedSpans: [
      row("archive-email", "The journey is over; what is missing now will not come any more."),
    ],
    checks: [{ kind: "archived" }],
    conclusion:
      "A trace has seven records, so losing a tenth of the spans damages about half of all traces. " +
      "Rates and percentiles of single spans hardly change. What is built from whole " +
      "traces, such as the state of an email, the critical path or Zipkin's graph, suffers first.",
  },
  {
    number: 26,
    title: "Spans that come late, or twice",
    introduction:
      "The emailer's spans are held up for five seconds, and a second agent hands every span on once more. " +
      "Look at the rows while they arrive, and at how many there are.",
    faults: [{ name: "spans.late", value: "emailer" }, { name: "spans.twice", value: "any" }],
    expectedSpans: [
      row("emailer", "Comes last, and stands where it belongs: arrival order means nothing.", {
        tags: { outcome: "delivered" },
      }),
      row(
        "archive-email",
        "Came before its parent, and twice: two records of one id, one service and one time are one span.",
        { tags: { forwarded_by: "second-agent" } },
      ),
    ],
    conclusion:
      "Spans are sent in batches, again after a failure, and by several agents: at least once, in any order. " +
      "A reader has to wait before it calls a span missing, and to merge by id before it counts.",
  },
  {
    number: 27,
    title: "Two spans with one id",
    introduction:
      "Two processes draw the same random numbers, as restored snapshots do. Look for two different spans " +
      "that say that they are one.",
    faults: [{ name: "spans.share-id", value: "any" }],
    expectedSpans: [
      row("send-email", "Has the id of archive-email, too. Their names say that they are two."),
      row("archive-email", "Merged by its id, it would be one span with send-email.", {
        id: /~2$/,
      }),
    ],
    conclusion:
      "Only the two sides of a call may share an id. An id of 64 random bits is unique in a trace if the bits " +
      "are random: seed a generator after a fork, not before. With children below such an id, nobody could say " +
      "whose they are.",
  },
];

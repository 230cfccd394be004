import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { describeEmailTrace, type EmailTrace } from "../trace_view/mod.ts";

const TRACE_ID = "2c5fedd3edc6b0907d1f3a8b5e4c9d60";
const POLL_TRACE_ID = "9a1be27c40f8d35361c7b0e2d4f5a816";
const EMAIL_ID = "bfe60a16-5f3b-4c55-9d5e-0a4b1c2d3e4f";
/** 2026-11-01T09:28:55Z, in microseconds. */
const START_US = 1_793_525_335_000_000;
const REPLY = "451 4.3.0 Requested action aborted: local error in processing";

type Facts = Partial<Pick<ZipkinSpan, "kind" | "tags" | "annotations">>;

function span(
  traceId: string,
  [id, parentId]: readonly [string, string?],
  [service, name]: readonly [string, string],
  [fromUs, duration]: readonly [number, number],
  facts: Facts = {},
): ZipkinSpan {
  return {
    traceId,
    id: id.padStart(16, "0"),
    ...(parentId === undefined ? {} : { parentId: parentId.padStart(16, "0") }),
    name,
    timestamp: START_US + fromUs,
    duration,
    localEndpoint: { serviceName: service },
    ...facts,
  };
}

const ofEmail = span.bind(undefined, TRACE_ID);
const ofPoll = span.bind(undefined, POLL_TRACE_ID);

function logged(atUs: number, value: string): Pick<ZipkinSpan, "annotations"> {
  return { annotations: [{ timestamp: START_US + atUs, value }] };
}

/** An attempt: from its receipt to its end, and its conversation with Mailtrap. */
function attempt(
  number: number,
  [fromUs, duration]: readonly [number, number],
  [sendFromUs, sendDuration]: readonly [number, number],
): readonly ZipkinSpan[] {
  const isLast = number === 4;
  const failure: Readonly<Record<string, string>> = isLast
    ? {}
    : { error: REPLY, [attribute.errorType]: "451" };
  const log = isLast
    ? `INFO Sent email ${EMAIL_ID}`
    : `WARNING Email ${EMAIL_ID} is retried after attempt ${number}: ${REPLY}`;
  return [
    ofEmail([`c${number}`, `b${number}`], ["emailer", "emailer"], [fromUs, duration], {
      kind: "SERVER",
      tags: {
        [attribute.correlationId]: EMAIL_ID,
        [attribute.attempt]: String(number),
        [attribute.maxAttempts]: "6",
        [attribute.outcome]: isLast ? "delivered" : "retried",
        [attribute.traceThroughSmtp]: "link",
        ...failure,
      },
      ...logged(fromUs + duration - 500, log),
    }),
    ofEmail([`d${number}`, `c${number}`], ["emailer", "send-email"], [sendFromUs, sendDuration], {
      kind: "CLIENT",
      tags: {
        [attribute.peerService]: "mailtrap",
        [attribute.smtpTls]: "true",
        [attribute.smtpPayloadSize]: "533",
        [attribute.smtpReplyCode]: isLast ? "250" : "451",
        ...failure,
      },
    }),
  ];
}

/** A publish: the publisher's half until the broker's confirm, and the broker's until the emailer has the message. */
function publish(
  number: number,
  [fromUs, confirmedUs, receivedUs]: readonly [number, number, number],
  queue: string,
): readonly ZipkinSpan[] {
  const isFirst = number === 1;
  const ids = [`b${number}`, isFirst ? "a1" : `c${number - 1}`] as const;
  const name = isFirst ? "amqp-publish" : "amqp-retry";
  const tags = { [attribute.amqpRoutingKey]: queue, [attribute.messagingMessageId]: EMAIL_ID };
  return [
    ofEmail(ids, [isFirst ? "message-server" : "emailer", name], [fromUs, confirmedUs - fromUs], {
      kind: "PRODUCER",
      tags,
    }),
    ofEmail(ids, ["rabbitmq", name], [fromUs, receivedUs - fromUs], { kind: "CONSUMER", tags }),
  ];
}

const SPANS: readonly ZipkinSpan[] = [
  ofEmail(["a1"], ["message-server", "schedule-email"], [0, 23_679], {
    kind: "SERVER",
    tags: {
      [attribute.httpMethod]: "POST",
      [attribute.httpStatusCode]: "202",
      [attribute.recipientDomain]: "example.com",
    },
    ...logged(22_600, `INFO Accepted email ${EMAIL_ID}`),
  }),
  ...publish(1, [11_996, 21_200, 21_862], "send.email"),
  ...attempt(1, [21_862, 214_956], [28_454, 201_233]),
  ...publish(2, [230_455, 234_698, 1_237_305], "send-email.retry.1s"),
  ...attempt(2, [1_237_305, 16_714], [1_239_477, 10_959]),
  ...publish(3, [1_250_527, 1_252_398, 6_254_458], "send-email.retry.5s"),
  ...attempt(3, [6_254_458, 9_155], [6_255_484, 3_732]),
  ...publish(4, [6_259_269, 6_263_350, 36_262_437], "send-email.retry.30s"),
  ...attempt(4, [36_262_437, 12_908], [36_262_959, 12_103]),
  ofEmail(["e1", "c4"], ["mail-poller", "archive-email"], [36_273_331, 3_470_068], {
    tags: { [attribute.pollTraceId]: POLL_TRACE_ID },
  }),
  ofPoll(["f1"], ["mail-poller", "poll-email"], [39_719_274, 27_018], {
    tags: {
      [attribute.messageCount]: "1",
      [attribute.storedCount]: "1",
      [attribute.failedCount]: "0",
    },
  }),
  ...([
    ["fetch-inbox", 39_719_403, 2_657],
    ["fetch-message", 39_722_322, 2_835],
    ["store-message", 39_736_186, 7_193],
    ["delete-message", 39_743_491, 1_841],
  ] as const).map(([name, fromUs, duration], index) =>
    ofPoll([`f${index + 2}`, "f1"], ["mail-poller", name], [fromUs, duration], {
      kind: "CLIENT",
      tags: {
        [attribute.peerService]: name === "store-message" ? "mongodb" : "mailtrap",
        ...(name === "fetch-inbox" ? {} : { [attribute.originTraceId]: TRACE_ID }),
      },
    })
  ),
];

const { state, diagram, ...described } = describeEmailTrace(TRACE_ID, { spans: SPANS }, undefined);
if (state === undefined || diagram === undefined) throw new TypeError("The example has no email");

/** A journey to show before the first email: one that Mailtrap deferred three times, with real times. */
export const EXAMPLE: EmailTrace & Required<Pick<EmailTrace, "state" | "diagram">> = {
  ...described,
  state,
  diagram,
};

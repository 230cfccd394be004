import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import {
  archived,
  attempted,
  make,
  POLL_TRACE_ID,
  published,
  received,
  scheduled,
  TRACE_ID,
} from "../trace_view/email_steps.ts";
import { describeEmailTrace, type EmailTrace } from "../trace_view/mod.ts";

const REPLY = "451 4.3.0 Requested action aborted: local error in processing";

/** An attempt: when its message was published, confirmed and received, its length, and its conversation with Mailtrap. */
function attempt(
  number: number,
  [publishedMs, confirmedMs, receivedMs]: readonly [number, number, number],
  forMs: number,
  [sendingMs, sendingForMs]: readonly [number, number],
  retryDelay?: string,
): readonly ZipkinSpan[] {
  const isLast = number === 4;
  const error = isLast ? undefined : REPLY;
  const log = isLast ? "INFO Sent" : `WARNING Is retried after attempt ${number}: ${REPLY}`;
  const tags = { [attribute.traceThroughSmtp]: "link" };
  const code = isLast ? "250" : "451";
  return [
    published(number, { atMs: publishedMs, forMs: confirmedMs - publishedMs }, retryDelay),
    received(number, { atMs: publishedMs, forMs: receivedMs - publishedMs }),
    ...attempted(
      number,
      isLast ? "delivered" : "retried",
      { atMs: receivedMs, forMs, error, tags, log },
      { atMs: sendingMs, forMs: sendingForMs, tags: { [attribute.smtpReplyCode]: code } },
    ),
  ];
}

const SPANS: readonly ZipkinSpan[] = [
  scheduled({
    forMs: 23.679,
    tags: { [attribute.httpStatusCode]: "202", [attribute.recipientDomain]: "example.com" },
    log: "INFO Accepted",
  }),
  ...attempt(1, [11.996, 21.2, 21.862], 214.956, [28.454, 201.233]),
  ...attempt(2, [230.455, 234.698, 1_237.305], 16.714, [1_239.477, 10.959], "1s"),
  ...attempt(3, [1_250.527, 1_252.398, 6_254.458], 9.155, [6_255.484, 3.732], "5s"),
  ...attempt(4, [6_259.269, 6_263.35, 36_262.437], 12.908, [36_262.959, 12.103], "30s"),
  archived(
    { atMs: 36_273.331, forMs: 3_470.068, tags: { [attribute.pollTraceId]: POLL_TRACE_ID } },
    4,
  ),
  make(
    ["f0"],
    ["poll-email", "mail-poller"],
    { atMs: 39_719.274, forMs: 27.018, log: "INFO Archived 1 of 1 messages" },
    POLL_TRACE_ID,
  ),
  ...([
    ["fetch-inbox", "mailtrap", 39_719.403, 2.657],
    ["fetch-message", "mailtrap", 39_722.322, 2.835],
    ["store-message", "mongodb", 39_736.186, 7.193],
    ["delete-message", "mailtrap", 39_743.491, 1.841],
  ] as const).map(([name, remote, atMs, forMs], index) =>
    make(
      [`f${index + 1}`, "f0"],
      [name, "mail-poller", "CLIENT", remote],
      { atMs, forMs, tags: index === 0 ? {} : { [attribute.originTraceId]: TRACE_ID } },
      POLL_TRACE_ID,
    )
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

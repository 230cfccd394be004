import type { ZipkinSpan } from "../tracing/zipkin_span.ts";

/** Where the examples start, in microseconds since the epoch: 2026-11-01T12:00:00Z. */
export const EXAMPLE_START_US = 1_793_534_400_000_000;

/** Makes spans of one trace; times are in microseconds from {@linkcode EXAMPLE_START_US}. */
function spanOf(traceId: string) {
  return (
    id: string,
    name: string,
    service: string,
    offsetUs: number,
    duration: number,
    rest: Partial<ZipkinSpan> = {},
  ): ZipkinSpan => ({
    traceId,
    id,
    name,
    timestamp: EXAMPLE_START_US + offsetUs,
    duration,
    localEndpoint: { serviceName: service },
    ...rest,
  });
}

const ofEmail = spanOf("463ac35c9f6413ad48485a3978bb5ecc");
const REQUEST = "d3a4c80eb70ff124";
const PUBLISH = "8dc810654b39fa50";
const EMAILER = "723c26e07dae71c3";

/** The trace of an email that is delivered after 93 ms in the queue, and archived a second later; for tests. */
export const EMAIL_TRACE: readonly ZipkinSpan[] = [
  ofEmail(REQUEST, "schedule-email", "message-server", 0, 12_300, {
    kind: "SERVER",
    tags: { "http.method": "POST" },
  }),
  ofEmail(PUBLISH, "amqp-publish", "message-server", 4_000, 6_000, {
    parentId: REQUEST,
    kind: "PRODUCER",
    remoteEndpoint: { serviceName: "rabbitmq" },
    tags: { "amqp.exchange": "rpc" },
  }),
  ofEmail(PUBLISH, "amqp-publish", "rabbitmq", 4_000, 99_000, {
    parentId: REQUEST,
    kind: "CONSUMER",
    remoteEndpoint: { serviceName: "message-server" },
    tags: { "amqp.routing_key": "send.email" },
  }),
  ofEmail(EMAILER, "emailer", "emailer", 103_000, 297_000, { parentId: PUBLISH, kind: "SERVER" }),
  ofEmail("db105e9094de23f4", "send-email", "emailer", 110_000, 280_000, {
    parentId: EMAILER,
    kind: "CLIENT",
    remoteEndpoint: { serviceName: "mailtrap" },
  }),
  ofEmail("5fdbbb12d31cfb4f", "archive-email", "mail-poller", 390_000, 1_010_000, {
    parentId: EMAILER,
  }),
];

const ofPoll = spanOf("d331504ff129d8a0d7be5827beca43fd");
const POLL = "5fdbbb12d31cfb4e";

/** The trace of the poll that archives it; for tests. */
export const POLL_TRACE: readonly ZipkinSpan[] = [
  ofPoll(POLL, "poll-email", "mail-poller", 1_200_000, 240_000, {
    tags: { "span.kind": "periodic" },
  }),
  ...([
    ["0ee0e48b947daae9", "fetch-inbox", "mailtrap", 1_201_000, 60_000],
    ["9d1d32eb26ace495", "fetch-message", "mailtrap", 1_265_000, 75_000],
    ["c315b80735377d39", "store-message", "mongodb", 1_345_000, 50_000],
    ["e9a79cb6d5f43404", "delete-message", "mailtrap", 1_400_000, 38_000],
  ] as const).map(([id, name, serviceName, offsetUs, duration]) =>
    ofPoll(id, name, "mail-poller", offsetUs, duration, {
      parentId: POLL,
      kind: "CLIENT",
      remoteEndpoint: { serviceName },
    })
  ),
];

const ofSkewed = spanOf("5eed000000000002");
const CALL = "0000000000000001";
const BACK = { serviceName: "back", ipv4: "10.0.0.2" };

/** A call to a service whose clock is half a second behind, and the work within; for tests. */
export const SKEWED_TRACE: readonly ZipkinSpan[] = [
  ofSkewed(CALL, "get", "front", 0, 100_000, {
    kind: "CLIENT",
    localEndpoint: { serviceName: "front", ipv4: "10.0.0.1" },
  }),
  ofSkewed(CALL, "get", "back", -490_000, 80_000, {
    kind: "SERVER",
    shared: true,
    localEndpoint: BACK,
  }),
  ofSkewed("0000000000000002", "work", "back", -480_000, 60_000, {
    parentId: CALL,
    localEndpoint: BACK,
  }),
];

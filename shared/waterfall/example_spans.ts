import type { ZipkinSpan } from "../tracing/zipkin_span.ts";

/** Where the examples start, in microseconds since the epoch: 2026-11-01T12:00:00Z. */
export const EXAMPLE_START_US = 1_793_534_400_000_000;

/** The trace of an email that is delivered after 93 ms in the queue, and archived a second later; for tests. */
export const EMAIL_TRACE: readonly ZipkinSpan[] = [
  {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "d3a4c80eb70ff124",
    name: "schedule-email",
    kind: "SERVER",
    timestamp: EXAMPLE_START_US,
    duration: 12_300,
    localEndpoint: { serviceName: "message-server" },
    tags: { "http.method": "POST" },
  },
  {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "8dc810654b39fa50",
    parentId: "d3a4c80eb70ff124",
    name: "amqp-publish",
    kind: "PRODUCER",
    timestamp: EXAMPLE_START_US + 4_000,
    duration: 6_000,
    localEndpoint: { serviceName: "message-server" },
    remoteEndpoint: { serviceName: "rabbitmq" },
    tags: { "amqp.exchange": "rpc" },
  },
  {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "8dc810654b39fa50",
    parentId: "d3a4c80eb70ff124",
    name: "amqp-publish",
    kind: "CONSUMER",
    timestamp: EXAMPLE_START_US + 4_000,
    duration: 99_000,
    localEndpoint: { serviceName: "rabbitmq" },
    remoteEndpoint: { serviceName: "message-server" },
    tags: { "amqp.routing_key": "send.email" },
  },
  {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "723c26e07dae71c3",
    parentId: "8dc810654b39fa50",
    name: "emailer",
    kind: "SERVER",
    timestamp: EXAMPLE_START_US + 103_000,
    duration: 297_000,
    localEndpoint: { serviceName: "emailer" },
  },
  {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "db105e9094de23f4",
    parentId: "723c26e07dae71c3",
    name: "send-email",
    kind: "CLIENT",
    timestamp: EXAMPLE_START_US + 110_000,
    duration: 280_000,
    localEndpoint: { serviceName: "emailer" },
    remoteEndpoint: { serviceName: "mailtrap" },
  },
  {
    traceId: "463ac35c9f6413ad48485a3978bb5ecc",
    id: "5fdbbb12d31cfb4f",
    parentId: "723c26e07dae71c3",
    name: "archive-email",
    timestamp: EXAMPLE_START_US + 390_000,
    duration: 1_010_000,
    localEndpoint: { serviceName: "mail-poller" },
  },
];

/** The trace of the poll that archives it; for tests. */
export const POLL_TRACE: readonly ZipkinSpan[] = [
  {
    traceId: "d331504ff129d8a0d7be5827beca43fd",
    id: "5fdbbb12d31cfb4e",
    name: "poll-email",
    timestamp: EXAMPLE_START_US + 1_200_000,
    duration: 240_000,
    localEndpoint: { serviceName: "mail-poller" },
    tags: { "span.kind": "periodic" },
  },
  ...([
    ["0ee0e48b947daae9", "fetch-inbox", "mailtrap", 1_201_000, 60_000],
    ["9d1d32eb26ace495", "fetch-message", "mailtrap", 1_265_000, 75_000],
    ["c315b80735377d39", "store-message", "mongodb", 1_345_000, 50_000],
    ["e9a79cb6d5f43404", "delete-message", "mailtrap", 1_400_000, 38_000],
  ] as const).map(([id, name, remote, offsetUs, duration]): ZipkinSpan => ({
    traceId: "d331504ff129d8a0d7be5827beca43fd",
    id,
    parentId: "5fdbbb12d31cfb4e",
    name,
    kind: "CLIENT",
    timestamp: EXAMPLE_START_US + offsetUs,
    duration,
    localEndpoint: { serviceName: "mail-poller" },
    remoteEndpoint: { serviceName: remote },
  })),
];

/** A call to a service whose clock is half a second behind, and what it does within; for tests. */
export const SKEWED_TRACE: readonly ZipkinSpan[] = [
  {
    traceId: "5eed000000000002",
    id: "0000000000000001",
    name: "get",
    kind: "CLIENT",
    timestamp: EXAMPLE_START_US,
    duration: 100_000,
    localEndpoint: { serviceName: "front", ipv4: "10.0.0.1" },
  },
  {
    traceId: "5eed000000000002",
    id: "0000000000000001",
    name: "get",
    kind: "SERVER",
    shared: true,
    timestamp: EXAMPLE_START_US - 490_000,
    duration: 80_000,
    localEndpoint: { serviceName: "back", ipv4: "10.0.0.2" },
  },
  {
    traceId: "5eed000000000002",
    id: "0000000000000002",
    parentId: "0000000000000001",
    name: "work",
    timestamp: EXAMPLE_START_US - 480_000,
    duration: 60_000,
    localEndpoint: { serviceName: "back", ipv4: "10.0.0.2" },
  },
];

/**
 * The client side of AMQP, `@playground/shared/amqp`, at a broker that behaves and at one that does not: against the embedded
 * stand-in and, where `TEST_AMQP_URL` names one, against RabbitMQ. A proxy between both plays the network.
 *
 * @module
 */
import {
  BrokerConnection,
  ConfirmedPublisher,
  declareTopology,
  essentialChannel,
  EXCHANGE,
  messageOptions,
  type Publication,
} from "@playground/shared/amqp";
import { contractTargets, integrationTest, TcpProxy, waitFor } from "@playground/shared/testing";
import { type Channel, connect } from "amqplib";
import { startAmqpBroker } from "../../tasks/standins/amqp/mod.ts";

interface Broker extends AsyncDisposable {
  readonly url: string;
}

const targets = contractTargets<Broker>(
  "TEST_AMQP_URL",
  () => startAmqpBroker({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers a test for both targets. */
export function clientTest(name: string, run: (url: URL) => Promise<void>): void {
  for (const { name: target, ignoredBecause, start } of targets) {
    const options = ignoredBecause === undefined ? {} : { ignoredBecause };
    integrationTest(`${name} (${target})`, async () => {
      await using broker = await start();
      await run(new URL(broker.url));
    }, options);
  }
}

/** Much shorter than any limit of the publisher's in these tests that shall not be reached. */
export const LONG_MS = 10_000;

/** An email as the message server publishes it. */
export function publication(routingKey: string, id: string = crypto.randomUUID()): Publication {
  return {
    exchange: EXCHANGE,
    routingKey,
    content: new TextEncoder().encode(JSON.stringify({ id })),
    options: messageOptions({
      emailId: id,
      acceptedAtSeconds: 1_700_000_000,
      appId: "test/0",
      headers: { "x-attempt": 1 },
    }),
  };
}

interface Client extends AsyncDisposable {
  readonly connection: BrokerConnection;
  readonly publisher: ConfirmedPublisher;
}

interface ClientOptions {
  readonly urls: readonly URL[];
  readonly confirmTimeoutMs?: number;
  readonly prepare?: (channel: Channel) => Promise<void>;
}

/** Opens a connection with a publisher on it, prepared as the services do. */
export async function openClient(
  { urls, confirmTimeoutMs = LONG_MS, prepare = declareTopology }: ClientOptions,
): Promise<Client> {
  const publisher = new ConfirmedPublisher(confirmTimeoutMs);
  const connection = await BrokerConnection.open({
    urls,
    clientName: "amqp_client_test",
    setup: async (model) => {
      const channel = await essentialChannel(model, (c) => c.createConfirmChannel());
      await prepare(channel);
      publisher.attach(model, channel);
    },
  });
  return { connection, publisher, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
}

/** Waits until a client is connected. */
export async function connected({ connection }: Client): Promise<void> {
  await waitFor("the broker is connected", () => connection.readiness.ready);
}

/** Opens a second way to the broker, which looks after the client under test. */
export async function openObserver(
  url: URL,
): Promise<AsyncDisposable & { readonly channel: Channel }> {
  const model = await connect(url.href);
  return { channel: await model.createChannel(), [Symbol.asyncDispose]: () => model.close() };
}

/** Starts a proxy before the broker. */
export function openProxy(url: URL): { proxy: TcpProxy; through: URL } {
  const proxy = new TcpProxy({ hostname: url.hostname, port: Number(url.port) });
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String(proxy.port);
  return { proxy, through };
}

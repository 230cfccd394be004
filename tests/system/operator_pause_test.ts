/**
 * The emailer's process beside a mail server that takes no mail of ours for a while, and beside a broker that it loses in the
 * middle of a mail; against the stand-in of RabbitMQ and the real one.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEAD_LETTER_QUEUE, declareTopology, QUEUE } from "@playground/shared/amqp";
import { durations } from "@playground/shared/configuration";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { contractTargets } from "../fixture/contract_targets.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";
import { ANY_PORTS, startStandIns } from "@playground/tasks/standins";
import { type ConfirmChannel, connect } from "amqplib";
import {
  PASSWORD,
  smtpError,
  startTestSmtpServer,
  type TestSmtpServer,
  type TestSmtpServerOptions,
  USER,
} from "../../emailer/testing/smtp_server.ts";
import { ServiceProcess } from "../fixture/service_process.ts";

interface Broker extends AsyncDisposable {
  readonly url: string;
}

/** An emailer between a broker and a mail server, and a channel to look at the queues. */
interface Bench extends AsyncDisposable {
  readonly channel: ConfirmChannel;
  readonly smtp: TestSmtpServer;
  /** The emailer's way to the broker. */
  readonly amqp: TcpProxy;
  readonly emailer: ServiceProcess;
}

const MESSAGE_COUNT = 20;
const WRONG_PASSWORD = "5.7.0 Invalid login or password";
/** No retry is wanted here; one that comes all the same must not look like a message that was put back. */
const RETRY_DELAYS = "77s";

const targets = contractTargets<Broker>(
  "TEST_AMQP_URL",
  async () => {
    const standIns = await startStandIns(["amqp"], ANY_PORTS);
    return {
      url: standIns.variables.AMQP_URL ?? "",
      [Symbol.asyncDispose]: () => standIns[Symbol.asyncDispose](),
    };
  },
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

async function startBench(
  start: () => Promise<Broker>,
  messageCount: number,
  overrides: TestSmtpServerOptions["overrides"] = {},
): Promise<Bench> {
  await using resources = new AsyncDisposableStack();
  const { url } = resources.use(await start());
  const smtp = resources.use(await startTestSmtpServer({ overrides }));
  const connection = resources.adopt(await connect(url), (open) => open.close());
  const channel = await connection.createConfirmChannel();
  await declareTopology(channel, durations(RETRY_DELAYS).parse(undefined));
  const purge = async () => {
    for (const queue of [QUEUE, DEAD_LETTER_QUEUE]) await channel.purgeQueue(queue);
  };
  await purge();
  resources.defer(purge);
  for (let index = 0; index < messageCount; index++) publish(channel, index);
  await channel.waitForConfirms();
  const { hostname, port } = new URL(url);
  const amqp = resources.use(new TcpProxy({ hostname, port: Number(port) }));
  const throughProxy = new URL(url);
  throughProxy.hostname = "127.0.0.1";
  throughProxy.port = String(amqp.port);
  const emailer = resources.use(
    new ServiceProcess("emailer", {
      environment: {
        AMQP_URL: throughProxy.href,
        SMTP_HOST: "127.0.0.1",
        SMTP_PORT: String(smtp.port),
        SMTP_CA: smtp.caPem,
        MAILTRAP_USER: USER,
        MAILTRAP_PASSWORD: PASSWORD,
        RETRY_DELAYS,
        OPERATOR_PAUSE_SECONDS: "1",
        OTEL_TRACES_EXPORTER: "none",
        ZIPKIN_URL: "http://127.0.0.1:9",
      },
    }),
  );
  const running = resources.move();
  return {
    channel,
    smtp,
    amqp,
    emailer,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function publish(channel: ConfirmChannel, index: number): void {
  const document = {
    sender: { address: "me@example.com" },
    recipient: { address: "you@example.com" },
    subject: `Message ${index}`,
    body: "Whatever you want",
  };
  channel.publish("rpc", "send.email", Buffer.from(JSON.stringify(document)), {
    persistent: true,
    messageId: crypto.randomUUID(),
    headers: { "x-attempt": 1 },
  });
}

for (const { name, start, ignoredBecause } of targets) {
  const options = ignoredBecause === undefined ? {} : { ignoredBecause };

  integrationTest(
    `operator pause (${name}): while the password is wrong no message is held, no attempt counted, and each mail goes out once`,
    async () => {
      let isPasswordValid = false;
      let loginCount = 0;
      await using bench = await startBench(start, MESSAGE_COUNT, {
        onAuth: (_login, _session, callback) => {
          loginCount++;
          if (isPasswordValid) callback(null, { user: USER });
          else callback(smtpError(535, WRONG_PASSWORD));
        },
      });
      const { channel, smtp, emailer } = bench;

      await waitFor("the emailer says why it is not ready", async () => {
        const response = await fetch(`${emailer.url}/readyz`).catch(() => undefined);
        return (await response?.text() ?? "").includes(WRONG_PASSWORD);
      }, 20_000);
      await waitFor("all messages are back in the queue, and nobody consumes it", async () => {
        const { messageCount, consumerCount } = await channel.checkQueue(QUEUE);
        return messageCount === MESSAGE_COUNT && consumerCount === 0;
      });
      const before = loginCount;
      await waitFor("the emailer has tried to log in twice more", () => loginCount >= before + 2);
      equal((await channel.checkQueue(QUEUE)).messageCount, MESSAGE_COUNT);
      for (const { attempt, deliveryCount } of await takeAll(channel)) {
        deepEqual([attempt, deliveryCount], [1, 0]);
      }

      isPasswordValid = true;
      await waitFor("all mails are there", () => smtp.mails.length >= MESSAGE_COUNT, 20_000);
      await emailer.ready();
      await waitFor("the queue is consumed again, and empty", async () => {
        const { messageCount, consumerCount } = await channel.checkQueue(QUEUE);
        return messageCount === 0 && consumerCount === 1;
      });
      await emailer[Symbol.asyncDispose]();
      const subjects = smtp.mails.map((mail) =>
        /^Subject: (.*)\r$/m.exec(new TextDecoder().decode(mail))?.[1]
      );
      equal(new Set(subjects).size, MESSAGE_COUNT);
      equal(smtp.mails.length, MESSAGE_COUNT);
      equal((await channel.checkQueue(QUEUE)).messageCount, 0);
      equal((await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount, 0);
    },
    options,
  );

  integrationTest(
    `operator pause (${name}): SIGTERM ends it at once, and leaves the messages in the queue`,
    async () => {
      await using bench = await startBench(start, 1, {
        onAuth: (_login, _session, callback) => callback(smtpError(535, WRONG_PASSWORD)),
      });
      const { channel, emailer } = bench;
      await waitFor("the pause has begun", async () => {
        const response = await fetch(`${emailer.url}/readyz`).catch(() => undefined);
        return (await response?.text() ?? "").includes(WRONG_PASSWORD);
      }, 20_000);
      const stoppedAt = performance.now();
      await emailer[Symbol.asyncDispose]();
      equal(await emailer.exitCode, 0);
      ok(performance.now() - stoppedAt < 5_000);
      equal((await channel.checkQueue(QUEUE)).messageCount, 1);
    },
    options,
  );

  integrationTest(
    `emailer (${name}): a mail whose message the broker takes back is called off, and goes out once`,
    async () => {
      let transactionCount = 0;
      const release = Promise.withResolvers<void>();
      await using bench = await startBench(start, 1, {
        onRcptTo: async (_address, _session, callback) => {
          // The first one waits until the message has come again.
          if (++transactionCount === 1) await release.promise;
          else release.resolve();
          callback(null);
        },
      });
      const { smtp, amqp, channel, emailer } = bench;
      await waitFor("the mail is on its way", () => transactionCount === 1, 20_000);
      amqp.cut();
      await waitFor("the mail was sent", () => smtp.mails.length > 0, 20_000);
      await waitFor(
        "the queue is empty",
        async () => (await channel.checkQueue(QUEUE)).messageCount === 0,
      );
      await emailer[Symbol.asyncDispose]();
      equal(transactionCount, 2);
      equal(smtp.mails.length, 1);
      equal((await channel.checkQueue(QUEUE)).messageCount, 0);
    },
    options,
  );
}

/** Takes all messages, looks at them, and puts fresh ones in their place: giving them back would count. */
async function takeAll(
  channel: ConfirmChannel,
): Promise<readonly { readonly attempt: unknown; readonly deliveryCount: unknown }[]> {
  const seen = [];
  for (let index = 0; index < MESSAGE_COUNT; index++) {
    const message = await channel.get(QUEUE);
    if (message === false) break;
    const { headers, messageId } = message.properties;
    seen.push({
      attempt: headers?.["x-attempt"],
      deliveryCount: headers?.["x-delivery-count"] ?? 0,
    });
    channel.sendToQueue(QUEUE, message.content, { messageId, headers: { "x-attempt": 1 } });
    await channel.waitForConfirms();
    channel.ack(message);
  }
  equal(seen.length, MESSAGE_COUNT);
  return seen;
}

/**
 * The emailer's process beside a broker that it loses or whose queue is deleted, and beside a mail server that accepts no mails
 * for a while, or gives faulty answers; against the stand-in of RabbitMQ and the real one.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEAD_LETTER_QUEUE, QUEUE } from "@playground/shared/amqp";
import { waitFor } from "@playground/shared/testing";
import type { ConfirmChannel } from "amqplib";
import { PASSWORD, USER } from "../../emailer/testing/smtp_server.ts";
import { next } from "../../tasks/standins/amqp/testing.ts";
import { brokerTest } from "../fixture/brokers.ts";
import { startEmailerBench } from "../fixture/emailer_bench.ts";
import { answersOk, type ServiceProcess } from "../fixture/service_process.ts";

/** How old a proof of consuming may be for an emailer to be ready. */
const PROOF_MS = 1_000;
/** Shorter than an emailer's quiet time before it consumes again. */
const RECOVERY_TIMEOUT_MS = 8_000;

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const readinessSays = ({ url }: ServiceProcess, text: string): Promise<string> =>
  waitFor(`the emailer is not ready: ${text}`, async () => {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    const answer = await response?.text() ?? "";
    return answer.includes(text) && answer;
  });

brokerTest(
  "emailer: after delete_queue it says ready only while it consumes the new queue, loses and doubles nothing that it held",
  async (broker) => {
    const release = Promise.withResolvers<void>();
    await using bench = await startEmailerBench(broker, {
      environment: { SMTP_CONNECTIONS: "4" },
      script: async ({ verb }) => {
        if (verb === "END OF MAIL") await release.promise;
        return undefined;
      },
    });
    const { channel, connection } = broker;
    const { emailer, smtp, publish, mailNumbers } = bench;
    await publish(1, 8);
    await waitFor("all are with the emailer", async () => {
      return await bench.waitingCount() === 0 && smtp.mails.length === 4;
    });
    broker.hideDeletions?.();
    const deleting = await connection.createChannel();
    await deleting.deleteQueue(QUEUE);
    // A returned message lets the queue be declared again at once; the broker may then cancel no consumer.
    await publish(9, 9);
    await waitFor("the queue is there again", async () => {
      const looking = await connection.createChannel();
      looking.on("error", () => {});
      return await looking.checkQueue(QUEUE).then(() => true, () => false);
    });
    const deletedAtMs = performance.now();
    release.resolve();
    await waitFor(
      "those that it held are sent",
      () => mailNumbers().filter((number) => number <= 8).length === 8,
    );
    await waitFor("it says ready", async () => {
      const isProofNewer = performance.now() - deletedAtMs > PROOF_MS;
      return isProofNewer && await answersOk(`${emailer.url}/readyz`);
    });
    await publish(10, 20);
    await waitFor(
      "the emails from after the deletion are sent",
      () => mailNumbers().filter((number) => number >= 10).length >= 11,
      RECOVERY_TIMEOUT_MS,
    );
    deepEqual(mailNumbers().filter((number) => number !== 9).toSorted((a, b) => a - b), [
      ...numbers(1, 8),
      ...numbers(10, 20),
    ]);
    await waitFor(
      "one consumer is left",
      async () => (await channel.checkQueue(QUEUE)).consumerCount === 1,
      RECOVERY_TIMEOUT_MS,
    );
  },
);

brokerTest(
  "emailer: a mail whose message the broker takes back is called off, and goes out once",
  async (broker) => {
    let transactionCount = 0;
    const release = Promise.withResolvers<void>();
    await using bench = await startEmailerBench(broker, {
      script: async ({ verb }) => {
        if (verb !== "RCPT") return undefined;
        // The first one waits until the message has come again.
        if (++transactionCount === 1) await release.promise;
        else release.resolve();
        return undefined;
      },
    });
    const { smtp, amqp, emailer, publish, waitingCount } = bench;
    await publish(1, 1);
    await waitFor("the mail is on its way", () => transactionCount === 1);
    amqp.cut();
    await waitFor("the mail was sent", () => smtp.mails.length > 0);
    await waitFor("the queue is empty", async () => await waitingCount() === 0);
    await emailer[Symbol.asyncDispose]();
    equal(transactionCount, 2);
    equal(smtp.mails.length, 1);
    equal(await waitingCount(), 0);
  },
);

const WRONG_PASSWORD = "535 5.7.0 Invalid login or password";

brokerTest(
  "emailer: while the password is wrong no message is held, no attempt counted, no credential told, and each mail goes out once",
  async (broker) => {
    const waitingCount = 20;
    let isPasswordValid = false;
    const line = Buffer.from(`\0${USER}\0${PASSWORD}`).toString("base64");
    const echo = `${WRONG_PASSWORD}: what is "AUTH PLAIN ${line}", ${USER}, ${PASSWORD}?`;
    await using bench = await startEmailerBench(broker, {
      environment: {
        OPERATOR_PAUSE_SECONDS: "1",
        // Far beyond the test: a retry must not look like a message that was put back.
        RETRY_DELAYS: "77s",
        LOG_LEVEL: "debug",
      },
      waitingCount,
      script: ({ verb }) => verb === "AUTH" && !isPasswordValid ? echo : undefined,
    });
    const { channel } = broker;
    const { smtp, emailer, mailNumbers } = bench;
    const loginCount = () => smtp.steps.filter(({ verb }) => verb === "AUTH").length;

    const readiness = await readinessSays(emailer, WRONG_PASSWORD);
    await waitFor("all messages are back in the queue, and nobody consumes it", async () => {
      const { messageCount, consumerCount } = await channel.checkQueue(QUEUE);
      return messageCount === waitingCount && consumerCount === 0;
    });
    const before = loginCount();
    await waitFor("the emailer has tried to log in twice more", () => loginCount() >= before + 2);
    equal(await bench.waitingCount(), waitingCount);
    for (const counts of await takeAll(channel, waitingCount)) {
      deepEqual(counts, { attempt: 1, deliveryCount: 0 });
    }

    isPasswordValid = true;
    await waitFor("all mails are there", () => smtp.mails.length >= waitingCount);
    await emailer.ready();
    await waitFor("the queue is consumed again, and empty", async () => {
      const { messageCount, consumerCount } = await channel.checkQueue(QUEUE);
      return messageCount === 0 && consumerCount === 1;
    });
    await emailer[Symbol.asyncDispose]();
    deepEqual(mailNumbers().toSorted((a, b) => a - b), numbers(1, waitingCount));
    for (const queue of [QUEUE, DEAD_LETTER_QUEUE]) {
      equal((await channel.checkQueue(queue)).messageCount, 0);
    }
    const spans = JSON.stringify(await bench.spans());
    ok(spans.includes("535"), "the failure is in the trace");
    for (const text of [readiness, spans, ...emailer.lines]) {
      for (const secret of [line, USER, PASSWORD]) ok(!text.includes(secret), text);
    }
  },
);

brokerTest(
  "emailer: what the mail server says names nobody in the log and the dead letter",
  async (broker) => {
    const reply = "550 john.doe has moved, <john.doe@example.com> is void";
    await using bench = await startEmailerBench(broker, {
      script: ({ verb }) => verb === "RCPT" ? reply : undefined,
    });
    await bench.publish(1, 1);
    const letter = await next(broker.channel, DEAD_LETTER_QUEUE);
    broker.channel.ack(letter);
    const { headers } = letter.properties;
    equal(headers?.["x-last-reply"], "550 … has moved, <…@example.com> is void");
    ok(!bench.emailer.lines.join("\n").includes("john"));
  },
);

/** Takes all messages, looks at them, and puts fresh ones in their place: giving them back would count. */
async function takeAll(channel: ConfirmChannel, count: number) {
  const seen = [];
  for (let index = 0; index < count; index++) {
    const message = await next(channel, QUEUE);
    const { headers, messageId } = message.properties;
    seen.push({
      attempt: headers?.["x-attempt"],
      deliveryCount: headers?.["x-delivery-count"] ?? 0,
    });
    channel.sendToQueue(QUEUE, message.content, { messageId, headers: { "x-attempt": 1 } });
    await channel.waitForConfirms();
    channel.ack(message);
  }
  return seen;
}

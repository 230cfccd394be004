/**
 * The emailer's process beside a broker whose queue is deleted, and beside a mail server that answers what one may answer on a bad
 * day; against the stand-in of RabbitMQ and the real one.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEAD_LETTER_QUEUE, QUEUE } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { MAX_FOREIGN_TEXT_LENGTH } from "@playground/shared/text";
import { PASSWORD, USER } from "../../emailer/testing/smtp_server.ts";
import { BROKERS, startEmailerBench } from "../fixture/emailer_bench.ts";

/** How old a proof of consuming may be, by which an emailer says that it is ready. */
const PROOF_MS = 1_000;
/** Shorter than an emailer is quiet before it consumes anew without being asked. */
const RECOVERY_TIMEOUT_MS = 8_000;

for (const { name, start, ignoredBecause } of BROKERS) {
  const options = ignoredBecause === undefined ? {} : { ignoredBecause };

  integrationTest(
    `emailer (${name}): after delete_queue it says ready only while it consumes the new queue, loses and doubles nothing that it held`,
    async () => {
      await using broker = await start();
      const release = Promise.withResolvers<void>();
      await using bench = await startEmailerBench(broker, {
        environment: { SMTP_CONNECTIONS: "4" },
        script: async ({ verb }) => {
          if (verb === "END OF MAIL") await release.promise;
          return undefined;
        },
      });
      const { channel, connection, emailer, smtp, publish, mailNumbers } = bench;
      await publish(1, 8);
      await waitFor("all are with the emailer", async () => {
        const { messageCount } = await channel.checkQueue(QUEUE);
        return messageCount === 0 && smtp.mails.length === 4;
      }, 20_000);
      await broker.hideDeletions();
      const deleting = await connection.createChannel();
      await deleting.deleteQueue(QUEUE);
      // Whatever no queue takes has it declared again at once; the broker may cancel no consumer then.
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
        const { status } = await fetch(`${emailer.url}/readyz`);
        return isProofNewer && status === 200;
      });
      await publish(10, 20);
      await waitFor(
        "the emails from after the deletion are sent",
        () => mailNumbers().filter((number) => number >= 10).length >= 11,
        RECOVERY_TIMEOUT_MS,
      );
      const numbers = mailNumbers().filter((number) => number !== 9).toSorted((a, b) => a - b);
      deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
      await waitFor(
        "one consumer is left",
        async () => (await channel.checkQueue(QUEUE)).consumerCount === 1,
        RECOVERY_TIMEOUT_MS,
      );
    },
    options,
  );

  integrationTest(
    `emailer (${name}): a reply of 34 kB ends at once in a dead letter with its reason, cut`,
    async () => {
      await using broker = await start();
      const reply = Array.from({ length: 70 }, () => `550-${"x".repeat(480)}`).join("\r\n");
      await using bench = await startEmailerBench(broker, {
        script: ({ verb }) => verb === "RCPT" ? `${reply}\r\n550 end` : undefined,
      });
      const { channel, smtp, publish } = bench;
      await publish(1, 1);
      await waitFor(
        "the dead letter is there",
        async () => (await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount === 1,
        20_000,
      );
      equal(smtp.steps.filter(({ verb }) => verb === "RCPT").length, 1);
      const message = await channel.get(DEAD_LETTER_QUEUE, { noAck: true });
      ok(message !== false);
      const { "x-dead-reason": reason, "x-last-reply": lastReply } = message.properties.headers ??
        {};
      ok(String(reason).startsWith("refused for good: 550-xxx"), reason);
      ok(String(lastReply).length <= MAX_FOREIGN_TEXT_LENGTH);
    },
    options,
  );

  integrationTest(
    `emailer (${name}): headers of 30 kB of a foreign message are no obstacle, and go no further`,
    async () => {
      await using broker = await start();
      await using bench = await startEmailerBench(broker, {
        script: ({ verb }) => verb === "RCPT" ? "550 no" : undefined,
      });
      const { channel } = bench;
      const long = "x".repeat(10_000);
      channel.publish("rpc", "send.email", Buffer.from("{}"), {
        mandatory: true,
        messageId: "x".repeat(255),
        appId: "x".repeat(255),
        headers: {
          "x-mail-message-id": `<${long}@example.com>`,
          "X-B3-TraceId": long,
          b3: long,
        },
      });
      await channel.waitForConfirms();
      await waitFor(
        "the dead letter is there",
        async () => (await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount === 1,
        20_000,
      );
      const message = await channel.get(DEAD_LETTER_QUEUE, { noAck: true });
      ok(message !== false);
      const lengths = Object.values(message.properties.headers ?? {}).map((value) =>
        String(value).length
      );
      ok(Math.max(...lengths) <= MAX_FOREIGN_TEXT_LENGTH, lengths.join());
    },
    options,
  );
}

integrationTest(
  "emailer: a reply that echoes the AUTH line brings no credentials into the log or /readyz",
  async () => {
    const [target] = BROKERS;
    ok(target !== undefined);
    await using broker = await target.start();
    const line = Buffer.from(`\0${USER}\0${PASSWORD}`).toString("base64");
    let isEchoing = false;
    await using bench = await startEmailerBench(broker, {
      environment: { OPERATOR_PAUSE_SECONDS: "1" },
      script: ({ verb }) =>
        verb === "AUTH" && isEchoing
          ? `535 5.7.0 what is "AUTH PLAIN ${line}", ${USER}, ${PASSWORD}?`
          : undefined,
    });
    const { emailer, publish } = bench;
    isEchoing = true;
    await publish(1, 1);
    let answer = "";
    await waitFor("the pause has begun", async () => {
      answer = await fetch(`${emailer.url}/readyz`).then((response) => response.text());
      return answer.includes("535 5.7.0 what is");
    }, 20_000);
    for (const text of [answer, ...emailer.lines]) {
      for (const secret of [line, USER, PASSWORD]) ok(!text.includes(secret), text);
    }
  },
);

integrationTest(
  "emailer: a reply that repeats the mailbox of RCPT names nobody in the log or the dead letter",
  async () => {
    const [target] = BROKERS;
    ok(target !== undefined);
    await using broker = await target.start();
    await using bench = await startEmailerBench(broker, {
      script: ({ verb }) =>
        verb === "RCPT" ? "550 john.doe has moved, <john.doe@example.com> is void" : undefined,
    });
    const { emailer, channel, publish } = bench;
    await publish(1, 1);
    await waitFor(
      "the dead letter is there",
      async () => (await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount === 1,
      20_000,
    );
    const message = await channel.get(DEAD_LETTER_QUEUE, { noAck: true });
    ok(message !== false);
    equal(
      message.properties.headers?.["x-last-reply"],
      "550 … has moved, <…@example.com> is void",
    );
    ok(!emailer.lines.join("\n").includes("john"));
  },
);

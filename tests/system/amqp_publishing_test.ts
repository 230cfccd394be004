import { deepEqual, equal } from "node:assert/strict";
import { type Publication, ROUTING_KEY } from "@playground/shared/amqp";
import { waitFor } from "@playground/shared/testing";
import { connectedTest, disconnected, publication } from "../fixture/amqp_client.ts";

/** A frame (AMQP 0-9-1 section 2.3.5) of a method (1) or of a content's header (2). */
function frame(type: 1 | 2, channel: number, payload: readonly number[]): Uint8Array {
  return new Uint8Array([type, 0, channel, 0, 0, 0, payload.length, ...payload, 0xce]);
}

function shortText(text: string): readonly number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

const connectionBlocked = (reason: string) => frame(1, 0, [0, 10, 0, 60, ...shortText(reason)]);

const connectionUnblocked = frame(1, 0, [0, 10, 0, 61]);

const [basicReturn, basicAck] = [[0, 60, 0, 50], [0, 60, 0, 80]];

/** A broker's whole answer to an unroutable message without content, on the first channel. */
function returned({ exchange, routingKey, options }: Publication): readonly Uint8Array[] {
  const place = [...shortText("NO_ROUTE"), ...shortText(exchange), ...shortText(routingKey)];
  const onlyMessageId = [0, 0x80, ...shortText(String(options.messageId))];
  return [
    frame(1, 1, [...basicReturn, 312 >> 8, 312 & 0xff, ...place]),
    frame(2, 1, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...onlyMessageId]),
  ];
}

/** A broker's confirm of all messages up to this one, on the first channel. */
function confirmedUpTo(tag: number): Uint8Array {
  return frame(1, 1, [...basicAck, 0, 0, 0, 0, 0, 0, 0, tag, 1]);
}

connectedTest("publish() confirms many messages at once, each for itself", async (client) => {
  const { publisher, observer } = client;
  const queue = crypto.randomUUID();
  await observer.assertQueue(queue, { arguments: { "x-queue-type": "quorum" } });
  const publications = Array.from({ length: 200 }, (_, index) => ({
    ...publication(index % 2 === 0 ? queue : "no-such-queue"),
    exchange: "",
  }));

  const outcomes = await Promise.all(publications.map((one) => publisher.publish(one)));
  deepEqual(
    outcomes.map(({ status }) => status),
    publications.map(({ routingKey }) => routingKey === queue ? "confirmed" : "returned"),
  );
  equal((await observer.checkQueue(queue)).messageCount, 100);
  await observer.deleteQueue(queue);
});

connectedTest("publish() tells of each return of one email sent twice at once", async (client) => {
  const { publisher, proxy } = client;
  // A broker may return both before it confirms both.
  proxy.freeze();
  const email = publication("nothing.is.bound.here");
  const outcomes = Promise.all([publisher.publish(email), publisher.publish(email)]);
  for (const bytes of [...returned(email), ...returned(email), confirmedUpTo(2)]) {
    await proxy.inject(bytes);
  }

  deepEqual(await outcomes, [{ status: "returned" }, { status: "returned" }]);
  proxy.cut();
  await disconnected(client);
});

connectedTest("publish() tells of a message that the broker refuses", async (client) => {
  const { publisher, observer } = client;
  const queue = crypto.randomUUID();
  await observer.assertQueue(queue, {
    arguments: { "x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  const send = () => publisher.publish({ ...publication(queue), exchange: "" });

  // A quorum queue takes one more than its limit.
  for (let count = 0; count < 2; count++) deepEqual(await send(), { status: "confirmed" });
  deepEqual(await send(), { status: "rejected" });
  await observer.deleteQueue(queue);
});

connectedTest("publish() gives up on a confirm that does not come", async (client) => {
  const { publisher, proxy } = client;
  proxy.freeze();

  const message = publication(ROUTING_KEY);
  deepEqual(await publisher.publish(message), { status: "unconfirmed", timeoutMs: 100 });
  equal(publisher.unconfirmedBytes, message.content.length);
  proxy.cut();
  await disconnected(client);
  equal(publisher.unconfirmedBytes, 0);
}, { confirmTimeoutMs: 100 });

connectedTest("publish() tells at once when the connection breaks meanwhile", async (client) => {
  client.proxy.freeze();
  const outcomes = Array.from(
    { length: 3 },
    () => client.publisher.publish(publication(ROUTING_KEY)),
  );
  client.proxy.cut();

  for (const outcome of await Promise.all(outcomes)) {
    deepEqual(outcome, {
      status: "disconnected",
      reason: "the connection broke before the confirm",
    });
  }
});

connectedTest("publish() tells when the broker closes the channel over it", async (client) => {
  const { status } = await client.publisher.publish({
    ...publication(ROUTING_KEY),
    exchange: `no-such-exchange-${crypto.randomUUID()}`,
  });
  equal(status, "disconnected");

  // The channel is essential, so that it takes the connection along and both come back.
  await waitFor("publishing works again", async () => {
    const outcome = await client.publisher.publish(publication("nothing.is.bound.here"));
    return outcome.status === "returned";
  });
});

connectedTest(
  "publish() and readiness follow a broker that blocks and unblocks",
  async ({ connection, publisher, proxy, ...client }) => {
    await proxy.inject(connectionBlocked("low on disk"));
    await disconnected({ connection, publisher, ...client });
    deepEqual(connection.readiness, {
      ready: false,
      reason: "RabbitMQ takes no messages for now: low on disk",
    });
    deepEqual(await publisher.publish(publication(ROUTING_KEY)), {
      status: "blocked",
      reason: "low on disk",
    });

    await proxy.inject(connectionUnblocked);
    await waitFor("the broker unblocks", () => connection.readiness.ready);
    equal((await publisher.publish(publication("nothing.is.bound.here"))).status, "returned");
  },
);

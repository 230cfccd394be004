import { deepEqual, equal } from "node:assert/strict";
import { type Publication, ROUTING_KEY } from "@playground/shared/amqp";
import { waitFor } from "@playground/shared/testing";
import {
  clientTest,
  connected,
  openClient,
  openObserver,
  openProxy,
  publication,
} from "../fixture/amqp_client.ts";

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

/** All that a broker says of an unroutable message without content, on the first channel. */
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

clientTest("publish() confirms many messages at once, each for itself", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  await using observer = await openObserver(url);
  const queue = crypto.randomUUID();
  await observer.channel.assertQueue(queue, { arguments: { "x-queue-type": "quorum" } });
  const publications = Array.from({ length: 200 }, (_, index) => ({
    ...publication(index % 2 === 0 ? queue : "no-such-queue"),
    exchange: "",
  }));

  const outcomes = await Promise.all(publications.map((one) => client.publisher.publish(one)));
  deepEqual(
    outcomes.map(({ status }) => status),
    publications.map(({ routingKey }) => routingKey === queue ? "confirmed" : "returned"),
  );
  equal((await observer.channel.checkQueue(queue)).messageCount, 100);
  await observer.channel.deleteQueue(queue);
});

clientTest("publish() tells of each return of one email sent twice at once", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through] });
  await connected(client);
  // A broker may return both before it confirms both.
  proxy.freeze();
  const email = publication("nothing.is.bound.here");
  const outcomes = Promise.all([client.publisher.publish(email), client.publisher.publish(email)]);
  for (const bytes of [...returned(email), ...returned(email), confirmedUpTo(2)]) {
    await proxy.inject(bytes);
  }

  deepEqual(await outcomes, [{ status: "returned" }, { status: "returned" }]);
  proxy.cut();
  await waitFor("the cut is noticed", () => !client.connection.readiness.ready);
});

clientTest("publish() tells of a message that the broker refuses", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  await using observer = await openObserver(url);
  const queue = crypto.randomUUID();
  await observer.channel.assertQueue(queue, {
    arguments: { "x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  const send = () => client.publisher.publish({ ...publication(queue), exchange: "" });

  // A quorum queue takes one more than its limit.
  for (let count = 0; count < 2; count++) deepEqual(await send(), { status: "confirmed" });
  deepEqual(await send(), { status: "rejected" });
  await observer.channel.deleteQueue(queue);
});

clientTest("publish() gives up on a confirm that does not come", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through], confirmTimeoutMs: 100 });
  await connected(client);
  proxy.freeze();

  const message = publication(ROUTING_KEY);
  deepEqual(await client.publisher.publish(message), { status: "unconfirmed", timeoutMs: 100 });
  equal(client.publisher.unconfirmedBytes, message.content.length);
  proxy.cut();
  await waitFor("the cut is noticed", () => !client.connection.readiness.ready);
  equal(client.publisher.unconfirmedBytes, 0);
});

clientTest("publish() tells at once when the connection breaks meanwhile", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through] });
  await connected(client);
  proxy.freeze();
  const outcomes = Promise.all(
    Array.from({ length: 3 }, () => client.publisher.publish(publication(ROUTING_KEY))),
  );
  proxy.cut();

  for (const outcome of await outcomes) {
    deepEqual(outcome, {
      status: "disconnected",
      reason: "the connection broke before the confirm",
    });
  }
});

clientTest("publish() tells when the broker closes the channel over it", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  const { status } = await client.publisher.publish({
    ...publication(ROUTING_KEY),
    exchange: `no-such-exchange-${crypto.randomUUID()}`,
  });
  equal(status, "disconnected");

  // The channel is essential, so that it takes the connection along and both come back.
  await waitFor(
    "publishing works again",
    async () =>
      (await client.publisher.publish(publication("nothing.is.bound.here"))).status ===
        "returned",
  );
});

clientTest("publish() and readiness follow a broker that blocks and unblocks", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through] });
  await connected(client);

  await proxy.inject(connectionBlocked("low on disk"));
  await waitFor("the broker blocks", () => !client.connection.readiness.ready);
  deepEqual(client.connection.readiness, {
    ready: false,
    reason: "RabbitMQ takes no messages for now: low on disk",
  });
  deepEqual(await client.publisher.publish(publication(ROUTING_KEY)), {
    status: "blocked",
    reason: "low on disk",
  });

  await proxy.inject(connectionUnblocked);
  await waitFor("the broker unblocks", () => client.connection.readiness.ready);
  equal((await client.publisher.publish(publication("nothing.is.bound.here"))).status, "returned");
});

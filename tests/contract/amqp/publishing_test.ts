import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConsumeMessage } from "amqplib";
import { contract, fill, next } from "../../fixture/amqp.ts";

contract("basic.publish delivers body, properties and headers as sent", async (bench, channel) => {
  const queue = await bench.queue(channel);
  const properties = {
    contentType: "application/json",
    messageId: "0195",
    timestamp: 1_700_000_000,
    appId: "message-server/1",
    correlationId: "c",
    headers: {
      "X-B3-TraceId": "463ac35c9f6413ad48485a3953bb6124",
      "X-B3-Sampled": "1",
      number: 5,
      large: 1_700_000_000_000_000,
      fraction: 1.5,
      flag: true,
      nothing: null,
      nested: { list: [1, "2", { deep: false }] },
    },
  };
  const received = Promise.withResolvers<ConsumeMessage>();
  await channel.consume(queue, (message) => message !== null && received.resolve(message));
  channel.sendToQueue(queue, Buffer.from('{"a":1}'), { ...properties, persistent: true });
  await channel.waitForConfirms();
  const message = await received.promise;
  assert.equal(message.content.toString(), '{"a":1}');
  assert.equal(message.fields.routingKey, queue);
  assert.equal(message.fields.exchange, "");
  assert.equal(message.fields.redelivered, false);
  for (const [name, value] of Object.entries(properties)) {
    assert.deepEqual(Object.entries(message.properties).find(([key]) => key === name)?.[1], value);
  }
  assert.equal(message.properties.deliveryMode, 2);
});

contract("basic.publish carries bodies of no byte and of many frames", async (bench, channel) => {
  const queue = await bench.queue(channel);
  const large = crypto.getRandomValues(Buffer.alloc(60_000));
  const body = Buffer.concat(Array.from({ length: 25 }, () => large));
  await fill(channel, queue, ["", body]);
  assert.equal((await next(channel, queue)).content.length, 0);
  assert.ok((await next(channel, queue)).content.equals(body));
});

contract("an unroutable message is returned if mandatory, and confirmed", async (_, channel) => {
  const events: string[] = [];
  channel.on("return", ({ fields, content }) => {
    assert.ok("replyCode" in fields && "replyText" in fields);
    events.push(`return ${fields.replyCode} ${fields.replyText} ${content}`);
  });
  for (const mandatory of [true, false]) {
    channel.publish("", "no.queue", Buffer.from("a"), { mandatory }, (error) => {
      events.push(error === null ? "confirm" : "nack");
    });
  }
  await channel.waitForConfirms();
  assert.deepEqual(events, ["return 312 NO_ROUTE a", "confirm", "confirm"]);
});

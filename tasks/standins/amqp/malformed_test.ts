import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { integrationTest } from "@playground/shared/testing";
import { encodeProperties } from "./codec.ts";
import { FRAME_TYPE, PROTOCOL_HEADER } from "./frames.ts";
import { BODY_MAX_BYTES } from "./incoming_content.ts";
import type { FieldTable } from "./methods.ts";
import { startAmqpBroker } from "./mod.ts";
import { connectClient, RawClient } from "./testing.ts";

const PUBLISH = { exchange: "", routingKey: "nowhere", mandatory: false, immediate: false };

/** The payload of a content header with a body of this size. */
function contentHeader(bodySizeBytes: bigint, properties: Uint8Array): Buffer {
  const start = Buffer.alloc(12);
  start.writeUInt16BE(60, 0);
  start.writeBigUInt64BE(bodySizeBytes, 4);
  return Buffer.concat([start, properties]);
}

/** Runs a rude client, then checks that a polite one is still served. */
async function rudely(run: (client: RawClient, url: string) => Promise<void>): Promise<void> {
  await using broker = await startAmqpBroker({ port: 0 });
  await using polite = await connectClient(broker.url);
  const { channel } = polite;
  {
    using client = await RawClient.open(broker.url);
    await run(client, broker.url);
  }
  const { queue } = await channel.assertQueue("");
  channel.sendToQueue(queue, Buffer.from("a"));
  await channel.waitForConfirms();
  const message = await channel.get(queue, { noAck: true });
  assert.equal(message !== false && message.content.toString(), "a");
}

integrationTest("Connection answers another protocol with its own header", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  using client = await RawClient.connect(broker.url);
  await client.write(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  assert.deepEqual(await client.read(), PROTOCOL_HEADER);
  assert.equal(await client.read(), undefined);
});

integrationTest("Connection refuses channels before the login", async () => {
  await using broker = await startAmqpBroker({ port: 0 });
  using client = await RawClient.connect(broker.url);
  await client.write(PROTOCOL_HEADER);
  await client.expect("ConnectionStart");
  await client.send("ChannelOpen", 1, {});
  assert.match(await client.expectClose("ConnectionClose"), /^COMMAND_INVALID/);
});

integrationTest(
  "Connection ends with FRAME_ERROR when a frame has no end",
  () =>
    rudely(async (client) => {
      await client.write(Buffer.from([1, 0, 1, 0, 0, 0, 1, 0, 0]));
      assert.match(await client.expectClose("ConnectionClose"), /^FRAME_ERROR/);
    }),
);

integrationTest(
  "Connection ends with FRAME_ERROR when a frame is too large",
  () =>
    rudely(async (client) => {
      await client.write(Buffer.from([3, 0, 1, 0xff, 0xff, 0xff, 0xff]));
      assert.match(await client.expectClose("ConnectionClose"), /^FRAME_ERROR/);
    }),
);

integrationTest(
  "Connection ends with SYNTAX_ERROR when a method cannot be read",
  () =>
    rudely(async (client) => {
      await client.sendFrame(FRAME_TYPE.method, 1, Buffer.from([0, 50, 0, 10, 0]));
      assert.match(await client.expectClose("ConnectionClose"), /^SYNTAX_ERROR/);
    }),
);

for (
  const [method, channel, id] of [
    ["method TxSelect", 1, [0, 90, 0, 10]],
    ["method ChannelFlow", 1, [0, 20, 0, 20, 1]],
    ["connection.update-secret", 0, [0, 10, 0, 70, 0, 0, 0, 0, 0]],
  ] as const
) {
  integrationTest(
    `Connection ends with NOT_IMPLEMENTED for ${method}`,
    () =>
      rudely(async (client) => {
        await client.sendFrame(FRAME_TYPE.method, channel, Buffer.from(id));
        assert.equal(
          await client.expectClose("ConnectionClose"),
          `NOT_IMPLEMENTED - the embedded broker has no ${method}; use RabbitMQ for it`,
        );
      }),
  );
}

integrationTest(
  "Connection ends with UNEXPECTED_FRAME when a body comes before its header",
  () =>
    rudely(async (client) => {
      await client.send("BasicPublish", 1, PUBLISH);
      await client.sendFrame(FRAME_TYPE.body, 1, Buffer.from("a"));
      assert.match(await client.expectClose("ConnectionClose"), /^UNEXPECTED_FRAME/);
    }),
);

integrationTest(
  "Connection ends with UNEXPECTED_FRAME when a body is longer than announced",
  () =>
    rudely(async (client) => {
      await client.send("BasicPublish", 1, PUBLISH);
      await client.sendFrame(FRAME_TYPE.header, 1, contentHeader(2n, Buffer.from([0, 0])));
      await client.sendFrame(FRAME_TYPE.body, 1, Buffer.from("abc"));
      assert.match(await client.expectClose("ConnectionClose"), /^UNEXPECTED_FRAME/);
    }),
);

integrationTest(
  "Channel closes when a message is too large, before it has arrived",
  () =>
    rudely(async (client) => {
      await client.send("BasicPublish", 1, PUBLISH);
      const header = contentHeader(BigInt(BODY_MAX_BYTES) + 1n, Buffer.from([0, 0]));
      await client.sendFrame(FRAME_TYPE.header, 1, header);
      assert.match(await client.expectClose("ChannelClose"), /^PRECONDITION_FAILED - message size/);
      await client.sendFrame(FRAME_TYPE.body, 1, Buffer.from("ignored"));
      await client.send("ChannelOpen", 2, {});
      await client.expect("ChannelOpenOk");
    }),
);

const NOT_ENCODABLE: Readonly<Record<string, FieldTable>> = {
  "the codec's own mark": { "!": "bogus", value: 1 },
  "a mark in a mark": { "!": "object", value: { "!": "object", value: { "!": "bogus" } } },
  "the key hasOwnProperty": { hasOwnProperty: 1 },
  "a deeply nested table": nested(100),
};

for (const [what, table] of Object.entries(NOT_ENCODABLE)) {
  integrationTest(
    `Connection ends with SYNTAX_ERROR for headers with ${what}`,
    () =>
      rudely(async (client) => {
        await client.send("BasicPublish", 1, PUBLISH);
        // The wrapping makes the codec send the table as it is.
        const properties = encodeProperties({ headers: { evil: { "!": "object", value: table } } });
        await client.sendFrame(FRAME_TYPE.header, 1, contentHeader(0n, properties));
        assert.match(await client.expectClose("ConnectionClose"), /^SYNTAX_ERROR/);
      }),
  );
}

function nested(depth: number): FieldTable {
  return depth === 0 ? {} : { deeper: nested(depth - 1) };
}

integrationTest("Broker survives random frames on an open channel", () =>
  rudely(async (_, url) => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(
        fc.constantFrom(10, 20, 40, 50, 60, 85, 90),
        fc.integer({ min: 0, max: 120 }),
        fc.uint8Array({ maxLength: 80 }),
      )
        .map(([classId, methodId, rest]) => Uint8Array.from([0, classId, 0, methodId, ...rest])),
    );
    const frame = fc.tuple(
      fc.constantFrom(1, 1, 1, 2, 3, 8, 9),
      fc.constantFrom(0, 1, 1, 2),
      payload,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), async (frames) => {
        using client = await RawClient.open(url);
        for (const [type, channel, bytes] of frames) await client.sendFrame(type, channel, bytes);
      }),
      { numRuns: 150 },
    );
  }));

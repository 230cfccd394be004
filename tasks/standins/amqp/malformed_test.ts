import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { integrationTest } from "@playground/shared/testing";
import { contentHeaderPayload, encodeProperties, FRAME_TYPE, PROTOCOL_HEADER } from "./codec.ts";
import { BODY_MAX_BYTES } from "./incoming_content.ts";
import type { FieldTable } from "./methods.ts";
import { startAmqpBroker } from "./mod.ts";
import { connectClient, fill, next, QUORUM, RawClient } from "./testing.ts";

const PUBLISH = { exchange: "", routingKey: "nowhere", mandatory: false, immediate: false };

/** Runs a rude client, then checks that a polite one is still served. */
async function rudely(run: (client: RawClient, url: string) => Promise<void>): Promise<void> {
  await using broker = await startAmqpBroker({ port: 0 });
  await using polite = await connectClient(broker.url);
  const { channel } = polite;
  {
    using client = await RawClient.open(broker.url);
    await run(client, broker.url);
  }
  await channel.assertQueue("work", { arguments: QUORUM });
  await fill(channel, "work", "a");
  assert.equal((await next(channel, "work")).content.toString(), "a");
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

function nested(depth: number): FieldTable {
  return depth === 0 ? {} : { deeper: nested(depth - 1) };
}

/** A message whose headers the codec sends as they are, since they are wrapped. */
const withHeaders = (table: FieldTable) => async (client: RawClient) => {
  await client.send("BasicPublish", 1, PUBLISH);
  const properties = encodeProperties({ headers: { evil: { "!": "object", value: table } } });
  await client.sendFrame(FRAME_TYPE.header, 1, contentHeaderPayload(0, properties));
};
const method = (channel: number, ...bytes: readonly number[]) => (client: RawClient) =>
  client.sendFrame(FRAME_TYPE.method, channel, Uint8Array.from(bytes));
const bytes = (...all: readonly number[]) => (client: RawClient) =>
  client.write(Uint8Array.from(all));

const CASES:
  readonly (readonly [what: string, say: (client: RawClient) => Promise<void>, RegExp])[] = [
    ["a frame without an end", bytes(1, 0, 1, 0, 0, 0, 1, 0, 0), /^FRAME_ERROR/],
    ["a frame that is too large", bytes(3, 0, 1, 0xff, 0xff, 0xff, 0xff), /^FRAME_ERROR/],
    ["a method that cannot be read", method(1, 0, 50, 0, 10, 0), /^SYNTAX_ERROR/],
    ["tx.select", method(1, 0, 90, 0, 10), /^NOT_IMPLEMENTED - .* no method TxSelect;/],
    ["channel.flow", method(1, 0, 20, 0, 20, 1), /^NOT_IMPLEMENTED - .* no method ChannelFlow;/],
    [
      "connection.update-secret",
      method(0, 0, 10, 0, 70, 0, 0, 0, 0, 0),
      /^NOT_IMPLEMENTED - .* no method ConnectionUpdateSecret;/,
    ],
    ["a purge without an answer", method(1, 0, 50, 0, 30, 0, 0, 1, 97, 1), /^NOT_IMPLEMENTED/],
    [
      "a body before its header",
      async (client) => {
        await client.send("BasicPublish", 1, PUBLISH);
        await client.sendFrame(FRAME_TYPE.body, 1, Buffer.from("a"));
      },
      /^UNEXPECTED_FRAME/,
    ],
    ["the codec's own mark in headers", withHeaders({ "!": "bogus", value: 1 }), /^SYNTAX_ERROR/],
    [
      "a mark in a mark in headers",
      withHeaders({ "!": "object", value: { "!": "object", value: { "!": "bogus" } } }),
      /^SYNTAX_ERROR/,
    ],
    ["the key hasOwnProperty in headers", withHeaders({ hasOwnProperty: 1 }), /^SYNTAX_ERROR/],
    ["deeply nested headers", withHeaders(nested(100)), /^SYNTAX_ERROR/],
  ];

for (const [what, say, reason] of CASES) {
  integrationTest(
    `Connection ends with ${reason.source.slice(1)} after ${what}`,
    () =>
      rudely(async (client) => {
        await say(client);
        assert.match(await client.expectClose("ConnectionClose"), reason);
      }),
  );
}

integrationTest(
  "Channel closes when a message is too large, before it has arrived",
  () =>
    rudely(async (client) => {
      await client.send("BasicPublish", 1, PUBLISH);
      const header = contentHeaderPayload(BODY_MAX_BYTES + 1, Buffer.from([0, 0]));
      await client.sendFrame(FRAME_TYPE.header, 1, header);
      assert.match(await client.expectClose("ChannelClose"), /^PRECONDITION_FAILED - message size/);
      await client.sendFrame(FRAME_TYPE.body, 1, Buffer.from("ignored"));
      await client.send("ChannelOpen", 2, {});
      await client.expect("ChannelOpenOk");
    }),
);

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

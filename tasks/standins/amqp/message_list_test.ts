import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { Message } from "./message.ts";
import { MessageList } from "./message_list.ts";

const empty = Buffer.alloc(0);

function message(id: number): Message {
  return {
    id,
    exchange: "",
    routingKey: "",
    properties: empty,
    body: empty,
    isStored: false,
    deliveryCount: 0,
  };
}

function takeAll(list: MessageList): readonly (number | undefined)[] {
  return Array.from({ length: list.length }, () => list.take()?.id);
}

Deno.test("MessageList keeps the order of arrival, whatever is taken and put back", () => {
  const step = fc.oneof(
    fc.constant("append" as const),
    fc.constant("take" as const),
    fc.nat({ max: 20 }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const list = new MessageList();
    const waiting: number[] = [];
    const taken: Message[] = [];
    let lastId = 0;
    for (const step of steps) {
      if (step === "append") {
        list.append(message(++lastId));
        waiting.push(lastId);
      } else if (step === "take") {
        const first = list.take();
        assert.equal(first?.id, waiting.shift());
        if (first !== undefined) taken.push(first);
      } else {
        const [returned] = taken.splice(step, 1);
        if (returned === undefined) continue;
        list.putBack(returned);
        waiting.push(returned.id);
        waiting.sort((a, b) => a - b);
      }
      assert.equal(list.length, waiting.length);
      assert.equal(list.first?.id, waiting[0]);
    }
    assert.deepEqual(takeAll(list), waiting);
  }));
});

Deno.test("MessageList handles 200,000 messages in linear time", () => {
  const list = new MessageList();
  const startMs = performance.now();
  for (let id = 1; id <= 200_000; id++) list.append(message(id));
  const half: Message[] = [];
  for (let count = 0; count < 100_000; count++) half.push(list.take() ?? message(0));
  for (const taken of half) list.putBack(taken);
  assert.deepEqual(takeAll(list), Array.from({ length: 200_000 }, (_, index) => index + 1));
  assert.ok(performance.now() - startMs < 5_000);
});

Deno.test("MessageList puts a message in front, after those that came back earlier", () => {
  const list = new MessageList();
  for (let id = 1; id <= 4; id++) list.append(message(id));
  const [first, second] = [list.take(), list.take()];
  assert.ok(first !== undefined && second !== undefined);
  list.putInFront(second);
  list.putInFront(first);
  assert.deepEqual(takeAll(list), [2, 1, 3, 4]);
});

Deno.test("MessageList.clear() says how many messages it took away", () => {
  const list = new MessageList();
  list.append(message(1));
  list.append(message(2));
  list.putBack(message(0));
  assert.equal(list.clear(), 3);
  assert.equal(list.length, 0);
  assert.equal(list.first, undefined);
});

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { type Message, MessageList } from "./message.ts";

const empty = Buffer.alloc(0);

function message(id: number): Message {
  return {
    id,
    exchange: "",
    routingKey: "",
    properties: empty,
    body: empty,
    expiresAtMs: undefined,
    deliveryCount: 0,
  };
}

Deno.test("MessageList gives first what came back, in the order in which it did, then the others", () => {
  const step = fc.constantFrom("append", "take", "put in front");
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const list = new MessageList();
    const returned: number[] = [];
    const fresh: number[] = [];
    const taken: Message[] = [];
    let lastId = 0;
    for (const step of steps) {
      if (step === "append") {
        list.append(message(++lastId));
        fresh.push(lastId);
      } else if (step === "take") {
        const first = list.take();
        assert.equal(first?.id, returned.shift() ?? fresh.shift());
        if (first !== undefined) taken.push(first);
      } else {
        const back = taken.pop();
        if (back === undefined) continue;
        list.putInFront(back);
        returned.push(back.id);
      }
      assert.equal(list.length, returned.length + fresh.length);
      assert.equal(list.first?.id, returned[0] ?? fresh[0]);
    }
  }));
});

import { deepEqual, equal } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { MailMemory } from "./mail_memory.ts";
import { MAX_MAIL_BYTES } from "./mailtrap/mod.ts";

const MB = 1_000_000;

/** Whether a promise is settled. */
async function isDone(work: Promise<unknown> | void): Promise<boolean> {
  let done = false;
  Promise.resolve(work).then(() => done = true);
  await setImmediate();
  return done;
}

Deno.test("MailMemory has room for many small mails at once", async () => {
  const memory = new MailMemory();
  const rooms = Promise.all(Array.from({ length: 100 }, () => memory.take(10_000)));
  equal(await isDone(rooms), true);
});

Deno.test("MailMemory never gives more than 48 MB, whatever sizes the list gives", async () => {
  const memory = new MailMemory();
  let heldBytes = 0;
  let mostBytes = 0;
  const sizes = [1, 30, 0.1, 39, 7, 8, 12, 0.5, 40, 3, 40, 0.2, 25, 6].map((size) => size * MB);
  await Promise.all(sizes.map(async (sizeBytes, index) => {
    // Every other one turns out to be much larger than the list says.
    const listedBytes = index % 2 === 0 ? sizeBytes : 100;
    using room = await memory.take(listedBytes);
    let ownBytes = 0;
    for (const share of [0.25, 0.5, 1]) {
      const neededBytes = sizeBytes * share;
      await room.resize(neededBytes);
      heldBytes += neededBytes - ownBytes;
      ownBytes = neededBytes;
      mostBytes = Math.max(mostBytes, heldBytes);
      await setImmediate();
    }
    heldBytes -= ownBytes;
  }));
  equal(heldBytes, 0);
  equal(mostBytes <= 48 * MB && mostBytes >= MAX_MAIL_BYTES, true, `${mostBytes}`);
});

Deno.test("MailMemory lets one mail alone grow to the largest size", async () => {
  const memory = new MailMemory();
  using small = await memory.take(8 * MB);
  using large = await memory.take(100);
  equal(await isDone(large.resize(MAX_MAIL_BYTES)), true);
  const second = memory.take(100);
  equal(await isDone(second), false);
  small.resize(7 * MB);
  equal(await isDone(second), true);
  (await second)[Symbol.dispose]();
});

Deno.test("MailMemory lets two that grow wait for no one but each other's end", async () => {
  const memory = new MailMemory();
  const rooms = await Promise.all([memory.take(100), memory.take(100)]);
  const [first, second] = rooms.map((room) => Promise.resolve(room.resize(20 * MB)));
  deepEqual([await isDone(first), await isDone(second)], [true, false]);
  rooms[0]?.[Symbol.dispose]();
  equal(await isDone(second), true);
  rooms[1]?.[Symbol.dispose]();
});

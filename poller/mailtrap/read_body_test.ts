import { deepEqual, equal, rejects } from "node:assert/strict";
import { answerOf } from "../testing/answers.ts";
import { readBody } from "./read_body.ts";

Deno.test("readBody() reads no more of an endless body than it takes", async () => {
  let sentBytes = 0;
  const endless = new ReadableStream({
    type: "bytes",
    pull(controller) {
      sentBytes += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  deepEqual(await readBody(new Response(endless), 300_000), {
    outcome: "refused",
    reason: "it has more than 300000 bytes",
  });
  equal(sentBytes < 500_000, true, `${sentBytes}`);
});

Deno.test("readBody() takes an empty body, and none at all", async () => {
  for (const response of [answerOf(""), new Response(null)]) {
    deepEqual(await readBody(response, 10), {
      outcome: "ok",
      value: { bytes: new Uint8Array(), isEndShown: false },
    });
  }
});

Deno.test("readBody() asks for room before it holds more, and gives back what it did not need", async () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index);
  const rooms: number[] = [];
  const makeRoom = (sizeBytes: number) => {
    rooms.push(sizeBytes);
  };
  deepEqual(await readBody(answerOf(bytes), 250_000, makeRoom), {
    outcome: "ok",
    value: { bytes, isEndShown: false },
  });
  deepEqual([rooms.at(0), rooms.at(-1)], [65_536, 200_000]);
  equal(rooms.every((size) => size <= 250_000), true, rooms.join());
});

Deno.test("readBody() throws when the connection breaks", async () => {
  const broken = new ReadableStream({
    type: "bytes",
    start: (controller) => controller.enqueue(Uint8Array.of(1)),
    pull: (controller) => controller.error(new TypeError("connection reset")),
  });
  await rejects(readBody(new Response(broken), 10), /connection reset/);
});

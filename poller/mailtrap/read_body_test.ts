import { deepEqual, equal, rejects } from "node:assert/strict";
import { answerOf, brokenAnswer } from "../testing/answers.ts";
import { bytes } from "../testing/mails.ts";
import { readBody } from "./read_body.ts";

const BODY = bytes("x".repeat(200_000));

for (
  const [shown, what, headers] of [
    [true, "its length", { "content-length": "200000" }],
    [true, "its length twice", { "content-length": "200000, 200000" }],
    [true, "the last chunk", { "transfer-encoding": "chunked" }],
    [false, "its connection alone", {}],
    [false, "a length that is none", { "content-length": "many" }],
    [false, "two lengths", { "content-length": "200000, 7" }],
    [false, "another coding below the chunks", { "transfer-encoding": "gzip, chunked" }],
  ] as const
) {
  Deno.test(`readBody() takes the end of a body for ${shown ? "" : "not "}shown by ${what}`, async () => {
    deepEqual(await readBody(answerOf(BODY, { headers }), { maxBytes: 1_000_000 }), {
      outcome: "ok",
      value: { bytes: BODY, isEndShown: shown },
    });
  });
}

for (
  const [what, headers, reason] of [
    ["is shorter than its length", { "content-length": "200001" }, /has 200000 bytes, .* 200001/],
    ["is longer than its length", { "content-length": "7" }, /bytes, and Content-Length says 7/],
    ["is announced as too long", { "content-length": "300001" }, /more than 300000 bytes/],
    ["is encoded", { "content-encoding": "gzip" }, /encoded as gzip/],
  ] as const
) {
  Deno.test(`readBody() refuses a body that ${what}`, async () => {
    const outcome = await readBody(answerOf(BODY, { headers }), { maxBytes: 300_000 });
    equal(outcome.outcome, "refused");
    equal(
      outcome.outcome === "refused" && reason.test(outcome.reason),
      true,
      JSON.stringify(outcome),
    );
  });
}

Deno.test("readBody() reads no more of an endless body than it takes", async () => {
  let sentBytes = 0;
  const endless = new ReadableStream({
    type: "bytes",
    pull(controller) {
      sentBytes += 65_536;
      controller.enqueue(new Uint8Array(65_536));
    },
  });
  deepEqual(await readBody(new Response(endless), { maxBytes: 300_000 }), {
    outcome: "refused",
    reason: "it has more than 300000 bytes",
  });
  equal(sentBytes < 500_000, true, `${sentBytes}`);
});

Deno.test("readBody() takes an empty body, and none at all", async () => {
  for (const response of [answerOf(""), new Response(null, { status: 204 })]) {
    deepEqual(await readBody(response, { maxBytes: 10 }), {
      outcome: "ok",
      value: { bytes: new Uint8Array(), isEndShown: false },
    });
  }
});

Deno.test("readBody() asks for room before it holds more, and gives back what it did not need", async () => {
  const rooms: number[] = [];
  const makeRoom = (sizeBytes: number) => {
    rooms.push(sizeBytes);
  };
  await readBody(answerOf(BODY), { maxBytes: 250_000, makeRoom });
  deepEqual([rooms.at(0), rooms.at(-1)], [65_536, 200_000]);
  equal(rooms.every((size) => size <= 250_000), true, rooms.join());
});

Deno.test("readBody() throws when the connection breaks", async () => {
  await rejects(readBody(brokenAnswer("x"), { maxBytes: 10 }), /connection reset/);
});

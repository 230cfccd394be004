import { deepEqual, equal, ok } from "node:assert/strict";
import type { PublishOutcome } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { Deadlines } from "@playground/shared/time";
import { ByteBudget } from "./byte_budget.ts";
import { readBody } from "./request_body.ts";
import { DOCUMENT, problemOf, startTestApp, type TestAppOptions } from "./testing/test_app.ts";

const MAX_BYTES = 300_000;

/** A request whose body comes in these pieces, and says how long it is or does not. */
function requestOf(pieces: readonly Uint8Array[], headers: HeadersInit = {}): Request {
  return new Request("http://127.0.0.1/", {
    method: "POST",
    headers,
    body: new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    }),
  });
}

/** This many bytes, without equal neighbours. */
function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

/** The bytes in pieces of this size. */
function cut(bytes: Uint8Array, pieceBytes: number): readonly Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / pieceBytes) },
    (_, index) => bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
}

function limitsOf(capacityBytes: number) {
  const deadlines = new Deadlines(60_000);
  return {
    budget: new ByteBudget(capacityBytes),
    deadlines,
    [Symbol.dispose]: () => deadlines[Symbol.dispose](),
  };
}

for (const sizeBytes of [0, 1, 4_096, 4_097, 65_536, 65_537, MAX_BYTES]) {
  for (const isSized of [true, false]) {
    Deno.test(`readBody() reads ${sizeBytes} bytes that ${isSized ? "have a length" : "come in chunks"}`, async () => {
      const bytes = bytesOf(sizeBytes);
      const headers: HeadersInit = isSized ? { "content-length": String(sizeBytes) } : {};
      const request = requestOf(cut(bytes, 1_000), headers);
      using limits = limitsOf(Infinity);
      const result = await readBody(request, MAX_BYTES, limits);
      ok(result.status === "read");
      deepEqual(result.bytes, bytes);
    });
  }
}

Deno.test("readBody() holds the bytes of a body until it is disposed of", async () => {
  using limits = limitsOf(100_000);
  const request = () => requestOf([bytesOf(60_000)], { "content-length": "60000" });
  const first = await readBody(request(), MAX_BYTES, limits);
  ok(first.status === "read");
  deepEqual(await readBody(request(), MAX_BYTES, limits), { status: "no-room" });
  first.reservation[Symbol.dispose]();
  equal((await readBody(request(), MAX_BYTES, limits)).status, "read");
});

Deno.test("readBody() holds the bytes of chunks as they come, and none of what it refuses", async () => {
  using limits = limitsOf(100_000);
  const request = (sizeBytes: number) => requestOf(cut(bytesOf(sizeBytes), 1_000));
  using unlimited = limitsOf(Infinity);
  for (let round = 0; round < 3; round++) {
    deepEqual(await readBody(request(200_000), MAX_BYTES, limits), { status: "no-room" });
    deepEqual(await readBody(request(MAX_BYTES + 1), MAX_BYTES, unlimited), {
      status: "too-large",
      maxBytes: MAX_BYTES,
    });
  }
  const read = await readBody(request(60_000), MAX_BYTES, limits);
  ok(read.status === "read");
  deepEqual(await readBody(request(60_000), MAX_BYTES, limits), { status: "no-room" });
});

for (const length of [undefined, "100", "100000"]) {
  Deno.test(`POST /email answers 400 to a body with the length ${length} that breaks off`, async () => {
    await using app = startTestApp();
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error("invalid HTTP/1 request: Invalid")),
    });
    const headers: Record<string, string> = length === undefined
      ? {}
      : { "content-length": length };
    const problem = await problemOf(await app.postBody(body, headers), 400);
    equal(problem.title, "Incomplete request");
  });
}

Deno.test("POST /email answers 503 with Retry-After while too much is under way", async () => {
  const confirm = Promise.withResolvers<PublishOutcome>();
  await using test = startTestApp({ outcome: () => confirm.promise, capacityBytes: 30_000 });
  const waiting = [1, 2].map(() => test.post(DOCUMENT));
  await waitFor("both are being published", () => test.published.length === 2);
  const refused = await test.post(DOCUMENT);
  equal(refused.headers.get("retry-after"), "1");
  await problemOf(refused, 503);
  confirm.resolve({ status: "confirmed" });
  deepEqual((await Promise.all(waiting)).map(({ status }) => status), [202, 202]);
  equal((await test.post(DOCUMENT)).status, 202);
});

/** Sends the beginning of a request and returns the beginning of its answer. */
async function sendHalf(text: string, options: TestAppOptions): Promise<string | undefined> {
  await using test = startTestApp(options);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request, info) => test.app.fetch(request, info),
  );
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await connection.write(new TextEncoder().encode(
    `POST /email HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${text}`,
  ));
  const buffer = new Uint8Array(4_096);
  const answer = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  return answer.split("\r\n", 1)[0];
}

const HALF_BODIES: Readonly<Record<string, string>> = {
  "no part of a body with a length": "Content-Length: 1000\r\n\r\n",
  "a part of a body with a length": "Content-Length: 1000\r\n\r\n{",
  "a part of a long body": "Content-Length: 1000000\r\n\r\n{",
  "no chunk": "Transfer-Encoding: chunked\r\n\r\n",
  "half a size line": "Transfer-Encoding: chunked\r\n\r\n5",
  "half a chunk": "Transfer-Encoding: chunked\r\n\r\n10\r\n{",
  "no last chunk": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
  "no chunk on a connection that it wants closed":
    "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
};
for (const [name, text] of Object.entries(HALF_BODIES)) {
  integrationTest(`POST /email answers 408 to a caller that sends ${name}`, async () => {
    equal(await sendHalf(text, { bodyTimeoutMs: 50 }), "HTTP/1.1 408 Request Timeout");
  });
}

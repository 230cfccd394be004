import { deepEqual, equal } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import type { PublishOutcome } from "@playground/shared/amqp";
import { DOCUMENT, startTestApp } from "./testing/test_app.ts";

const post = { method: "POST", headers: { "content-type": "application/json" } };

Deno.test("limitInFlight() answers 503 with Retry-After while too many requests are under way", async () => {
  const confirm = Promise.withResolvers<PublishOutcome>();
  await using test = startTestApp({
    outcome: () => confirm.promise,
    limits: { requestsInFlight: 2 },
  });
  const body = JSON.stringify(DOCUMENT);
  const waiting = [1, 2].map(() => test.request("/email", { ...post, body }));
  await waitFor("both are being published", () => test.published.length === 2);
  const refused = await test.request("/email", { ...post, body });
  equal(refused.status, 503);
  equal(refused.headers.get("retry-after"), "1");
  confirm.resolve({ status: "confirmed" });
  deepEqual((await Promise.all(waiting)).map(({ status }) => status), [202, 202]);
  equal((await test.request("/email", { ...post, body })).status, 202);
});

integrationTest("postEmail() answers 408 when the body stalls", async () => {
  await using test = startTestApp({ limits: { bodyTimeoutMs: 50 } });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request, info) => test.app.fetch(request, info),
  );
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await connection.write(new TextEncoder().encode(
    "POST /email HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
  ));
  const buffer = new Uint8Array(4_096);
  const answer = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  equal(answer.split("\r\n", 1)[0], "HTTP/1.1 408 Request Timeout");
});

import { deepEqual, equal } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { answerHealth, type Readiness, serveHealth } from "./health.ts";

const READY: Readiness = { ready: true };
const NOT_READY: Readiness = { ready: false, reason: "RabbitMQ is not connected yet" };

async function answer(path: string, readiness: Readiness, method = "GET") {
  return await answerHealth(new Request(`http://127.0.0.1${path}`, { method }), {
    readiness: () => readiness,
    lostSpanCount: () => 3,
  });
}

Deno.test.each([
  ["/healthz", 200, READY, { alive: true }],
  ["/healthz", 200, NOT_READY, { alive: true }],
  ["/readyz?verbose=1", 200, READY, { ...READY, lostSpanCount: 3 }],
  ["/readyz", 503, NOT_READY, { ...NOT_READY, lostSpanCount: 3 }],
])("answerHealth() answers %s with %s when %j", async (path, status, readiness, body) => {
  const response = await answer(path, readiness);
  equal(response?.status, status);
  deepEqual(await response?.json(), body);
});

Deno.test("answerHealth() does not answer other paths", async () => {
  for (const path of ["/", "/email", "/healthz/", "/READYZ"]) {
    equal(await answer(path, READY), undefined);
  }
});

Deno.test("answerHealth() answers 405 to anything but GET and HEAD", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await answer(path, READY, "POST");
    equal(response?.status, 405);
    equal(response?.headers.get("allow"), "GET, HEAD");
    equal((await answer(path, READY, "HEAD"))?.status, 200);
  }
});

integrationTest(
  "serveHealth() serves the current readiness and further paths",
  async () => {
    let readiness: Readiness = NOT_READY;
    await using server = serveHealth(
      { hostname: "127.0.0.1", port: 0, variable: "HEALTH_PORT" },
      { readiness: () => readiness, lostSpanCount: () => 0 },
      ({ url }) => Promise.resolve(url.endsWith("/archive/1") ? new Response("mail") : undefined),
    );
    const statusOf = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${server.addr.port}${path}`);
      await response.body?.cancel();
      return response.status;
    };

    equal(await statusOf("/readyz"), 503);
    readiness = READY;
    equal(await statusOf("/readyz"), 200);
    equal(await statusOf("/healthz"), 200);
    equal(await statusOf("/archive/1"), 200);
    equal(await statusOf("/archive/2"), 404);
  },
);

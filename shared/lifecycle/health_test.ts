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

Deno.test("answerHealth() says that the process lives, ready or not", async () => {
  for (const readiness of [READY, NOT_READY]) {
    const response = await answer("/healthz", readiness);
    equal(response?.status, 200);
    deepEqual(await response?.json(), { alive: true });
  }
});

Deno.test("answerHealth() answers 200 when the service is ready", async () => {
  const response = await answer("/readyz?verbose=1", READY);
  equal(response?.status, 200);
  deepEqual(await response?.json(), { ...READY, lostSpanCount: 3 });
});

Deno.test("answerHealth() answers 503 with the reason when the service is not ready", async () => {
  const response = await answer("/readyz", NOT_READY);
  equal(response?.status, 503);
  deepEqual(await response?.json(), { ...NOT_READY, lostSpanCount: 3 });
});

Deno.test("answerHealth() leaves other paths to others", async () => {
  for (const path of ["/", "/email", "/healthz/", "/READYZ"]) {
    equal(await answer(path, READY), undefined);
  }
});

for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
  Deno.test(`answerHealth() answers 405 to ${method}`, async () => {
    for (const path of ["/healthz", "/readyz"]) {
      const response = await answer(path, READY, method);
      equal(response?.status, 405);
      equal(response?.headers.get("allow"), "GET, HEAD");
    }
  });
}

integrationTest("serveHealth() leaves other paths to whom it was given", async () => {
  const listener = { hostname: "127.0.0.1", port: 0, variable: "HEALTH_PORT" };
  await using server = serveHealth(
    listener,
    { readiness: () => READY, lostSpanCount: () => 0 },
    ({ url }) => Promise.resolve(url.endsWith("/archive/1") ? new Response("mail") : undefined),
  );
  const get = (path: string) => fetch(`http://127.0.0.1:${server.addr.port}${path}`);

  equal(await (await get("/archive/1")).text(), "mail");
  deepEqual(await (await get("/healthz")).json(), { alive: true });
  const unknown = await get("/archive/2");
  await unknown.body?.cancel();
  equal(unknown.status, 404);
});

integrationTest("serveHealth() serves the readiness of the moment, and nothing else", async () => {
  let readiness: Readiness = NOT_READY;
  const listener = { hostname: "127.0.0.1", port: 0, variable: "HEALTH_PORT" };
  await using server = serveHealth(listener, {
    readiness: () => readiness,
    lostSpanCount: () => 0,
  });
  const statusOf = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}${path}`);
    await response.body?.cancel();
    return response.status;
  };

  equal(await statusOf("/readyz"), 503);
  readiness = READY;
  equal(await statusOf("/readyz"), 200);
  equal(await statusOf("/healthz"), 200);
  equal(await statusOf("/email"), 404);
});

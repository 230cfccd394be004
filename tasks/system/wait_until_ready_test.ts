import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { waitUntilReady } from "./wait_until_ready.ts";

/** A service that answers `/readyz` so. */
function service(answer: (call: number) => Response | Promise<Response>) {
  let calls = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) =>
      new URL(request.url).pathname === "/readyz"
        ? answer(++calls)
        : new Response(null, { status: 404 }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    get calls() {
      return calls;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const READY = () => Response.json({ ready: true });
const notReady = (reason: string) => Response.json({ ready: false, reason }, { status: 503 });
const never = new AbortController().signal;

integrationTest("waitUntilReady() waits until the service says that it is ready", async () => {
  await using server = service((call) => call < 3 ? notReady("not yet") : READY());
  const told: string[] = [];
  await waitUntilReady("poller", server.url, (line) => told.push(line), never);
  equal(server.calls, 3);
  deepEqual(told, [], "a short wait needs no words");
});

integrationTest("waitUntilReady() waits for a service that does not listen yet", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const waiting = waitUntilReady("poller", `http://127.0.0.1:${port}`, resolve, never, {
    tellAfterMs: 0,
  });
  match(await promise, /^waiting: .*refused/i);
  await using _server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, READY);
  await waiting;
});

integrationTest("waitUntilReady() tells each reason once when it takes long", async () => {
  await using server = service((call) =>
    call < 4 ? notReady("RabbitMQ") : call < 7 ? notReady("MongoDB") : READY()
  );
  const told: string[] = [];
  await waitUntilReady("poller", server.url, (line) => told.push(line), never, { tellAfterMs: 0 });
  deepEqual(told, ["waiting: RabbitMQ", "waiting: MongoDB"]);
});

integrationTest("waitUntilReady() gives up with the reason", async () => {
  await using server = service(() => notReady("RabbitMQ is not there"));
  await rejects(
    waitUntilReady("poller", server.url, () => {}, never, { timeoutMs: 100 }),
    { message: "Cannot start poller: RabbitMQ is not there; mend that and start again" },
  );
});

integrationTest(
  "waitUntilReady() ends at an abort, even while the service does not answer",
  async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    await using server = service(() => promise);
    const stop = new AbortController();
    const waiting = waitUntilReady("poller", server.url, () => {}, stop.signal);
    const ended = rejects(waiting, { message: "stopped" });
    await waitFor("it was asked", () => server.calls === 1);
    stop.abort(new Error("stopped"));
    await ended;
    resolve(READY());
  },
);

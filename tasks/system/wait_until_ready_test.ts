import { deepEqual, rejects } from "node:assert/strict";
import { integrationTest, serveLocally, waitFor } from "@playground/shared/testing";
import { waitUntilReady } from "./wait_until_ready.ts";

/** A service with this answer to `/readyz`. */
function service(answer: (call: number) => Response | Promise<Response>) {
  let calls = 0;
  const server = serveLocally(({ url }) =>
    new URL(url).pathname === "/readyz" ? answer(++calls) : new Response(null, { status: 404 })
  );
  return { ...server, calls: () => calls };
}

const READY = () => Response.json({ ready: true });
const notReady = (reason: string) => Response.json({ ready: false, reason }, { status: 503 });
const never = new AbortController().signal;

for (
  const [what, reportAfterMs, expected] of [
    ["says nothing of a short wait", undefined, []],
    ["reports each reason once when it takes long", 0, ["waiting: RabbitMQ", "waiting: MongoDB"]],
  ] as const
) {
  integrationTest(`waitUntilReady() ${what}`, async () => {
    await using server = service((call) =>
      call < 4 ? notReady("RabbitMQ") : call < 7 ? notReady("MongoDB") : READY()
    );
    const told: string[] = [];
    const tell = (line: string) => told.push(line);
    await waitUntilReady("poller", server.url, tell, never, undefined, reportAfterMs);
    deepEqual([server.calls(), told], [7, expected]);
  });
}

integrationTest("waitUntilReady() gives up with the reason", async () => {
  await using server = service(() => notReady("RabbitMQ is not there"));
  await rejects(
    waitUntilReady("poller", server.url, () => {}, never, 0),
    { message: "Cannot start poller: RabbitMQ is not there; fix that and start again" },
  );
});

integrationTest("waitUntilReady() ends at an abort, even without an answer", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using server = service(() => promise);
  const stop = new AbortController();
  const waiting = waitUntilReady("poller", server.url, () => {}, stop.signal);
  const ended = rejects(waiting, { message: "stopped" });
  await waitFor("it was asked", () => server.calls() === 1);
  stop.abort(new Error("stopped"));
  await ended;
  resolve(READY());
});

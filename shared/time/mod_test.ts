import { ok } from "node:assert/strict";
import { sleep } from "./mod.ts";

const MINUTE_MS = 60_000;

for (const reason of [undefined, new Error("stopped"), "stopped"]) {
  Deno.test(`sleep() ends early when its signal aborts with ${reason}`, async () => {
    const start = performance.now();
    const stop = new AbortController();
    const sleeping = sleep(MINUTE_MS, stop.signal);
    stop.abort(reason);
    await sleeping;
    await sleep(MINUTE_MS, stop.signal);
    ok(performance.now() - start < MINUTE_MS);
  });
}

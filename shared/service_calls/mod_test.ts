import { equal, ok } from "node:assert/strict";
import { threadMs } from "../testing/thread_time.ts";
import { callsIn } from "./mod.ts";

Deno.test("callsIn() takes time proportional to the spans, however long their chain is", () => {
  const count = 20_000;
  const spans = Array.from({ length: count }, (_, index) => ({
    traceId: "1",
    id: `${index}`,
    parentId: index === 0 ? undefined : `${index - 1}`,
    localEndpoint: { serviceName: "shop" },
    remoteEndpoint: { serviceName: "database" },
  }));
  const startMs = threadMs();
  equal(callsIn(spans).toArray().length, count);
  ok(threadMs() - startMs < 1_000);
});

import { deepEqual, equal, rejects } from "node:assert/strict";
import { waitFor } from "@playground/shared/testing";
import { type Bench, delays, type FaultChecks } from "../../fixture/faults.ts";

const TRACE_ID = "0000000000000001";

async function post({ variables }: Bench, signal?: AbortSignal): Promise<number> {
  const response = await fetch(new URL("/api/v2/spans", variables.ZIPKIN_URL), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify([{ traceId: TRACE_ID, id: TRACE_ID, name: "span" }]),
    ...(signal === undefined ? {} : { signal }),
  });
  await response.body?.cancel();
  return response.status;
}

async function query({ variables }: Bench): Promise<number> {
  const response = await fetch(new URL(`/api/v2/trace/${TRACE_ID}`, variables.ZIPKIN_URL));
  await response.body?.cancel();
  return response.status;
}

export const ZIPKIN_CHECKS: FaultChecks<"zipkin"> = {
  async "zipkin.reply"(bench) {
    for (const value of ["400", "429", "500", "503"]) {
      await bench.set("zipkin.reply", { value });
      deepEqual([await post(bench), await query(bench)], [Number(value), Number(value)]);
    }
    await bench.clear("zipkin.reply");
    deepEqual([await query(bench), await post(bench), await query(bench)], [404, 202, 200]);
  },
  "zipkin.delay": delays("zipkin.delay", async (bench) => equal(await post(bench), 202)),
  async "zipkin.hang"(bench) {
    await bench.set("zipkin.hang");
    const giveUp = new AbortController();
    const hanging = post(bench, giveUp.signal);
    await waitFor("the request hangs", async () => await bench.hitCount("zipkin.hang") > 0);
    giveUp.abort();
    await rejects(hanging);
    await bench.clear("zipkin.hang");
    // What the client gave up is not taken behind its back.
    deepEqual([await query(bench), await post(bench), await query(bench)], [404, 202, 200]);
  },
};

/**
 * Posts spans to Zipkin until it has been given so many, and says how many it still has: `fill_zipkin.ts URL COUNT`. They are copies
 * of an email's trace, so that they take the memory that ours take.
 *
 * @module
 */
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

const TRACES_IN_A_BATCH = 200;

const [url = "", count = "0"] = Deno.args;
const traces: readonly (readonly ZipkinSpan[])[] =
  await (await fetch(`${url}/api/v2/traces?limit=100`)).json();
const trace = traces.find((spans) => spans.some(({ name }) => name === "send-email")) ?? [];
if (trace.length === 0) throw new Error("Cannot copy a trace: Zipkin has none; send an email");

const traceIds: string[] = [];
const copy = () => {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  traceIds.push(traceId);
  return trace.map((span) => ({ ...span, traceId, timestamp: Date.now() * 1000 }));
};
let postedCount = 0;
while (postedCount < Number(count)) {
  const batch = Array.from({ length: TRACES_IN_A_BATCH }, copy).flat();
  const response = await fetch(`${url}/api/v2/spans`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(batch),
  });
  await response.body?.cancel();
  if (response.status !== 202) throw new Error(`Zipkin answered ${response.status}`);
  postedCount += batch.length;
}

// The oldest go first, so that the first one that is there is found by halving.
let [gone, kept] = [0, traceIds.length];
while (gone < kept) {
  const middle = Math.floor((gone + kept) / 2);
  const response = await fetch(`${url}/api/v2/trace/${traceIds[middle]}`);
  await response.body?.cancel();
  if (response.ok) kept = middle;
  else gone = middle + 1;
}
console.log(
  `${postedCount} spans posted, the last ${(traceIds.length - kept) * trace.length} are there`,
);

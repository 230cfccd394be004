/**
 * Posts this many spans to Zipkin, and prints how many it still has: `fill_zipkin.ts URL COUNT`. They are copies of an email's
 * journey, its own trace and its poll's, with annotations, so that they take as much memory as real ones.
 *
 * @module
 */
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

const JOURNEYS_IN_A_BATCH = 100;

type Trace = readonly ZipkinSpan[];

const [url = "", count = "0"] = Deno.args;
const journey = await readJourney();
const spanCount = journey.flat().length;
const annotationCount = journey.flat().flatMap(({ annotations }) => annotations ?? []).length;
console.log(`Copying a journey of ${spanCount} spans with ${annotationCount} annotations`);

/** By the email's trace, in the order in which they were posted. */
const traceIds: string[] = [];
let postedCount = 0;
while (postedCount < Number(count)) {
  const batch = Array.from({ length: JOURNEYS_IN_A_BATCH }, copyJourney).flat();
  await post(batch);
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
  `${postedCount} spans posted, the last ${(traceIds.length - kept) * spanCount} are there`,
);

/** The trace of the newest email that is archived, and of the poll that archived it; if that found others too, without theirs. */
async function readJourney(): Promise<readonly Trace[]> {
  const traces: readonly Trace[] = await (await fetch(`${url}/api/v2/traces?limit=100`)).json();
  for (const email of traces) {
    const archived = email.find(({ name }) => name === "archive-email");
    const poll = traces.find(([first]) => first?.traceId === archived?.tags?.["poll.trace_id"]);
    if (archived === undefined || poll?.some(({ name }) => name === "poll-email") !== true) {
      continue;
    }
    const isOfOther = ({ tags }: ZipkinSpan) =>
      ![undefined, archived.traceId].includes(tags?.["origin.trace_id"]);
    return [email, poll.filter((span) => !isOfOther(span))];
  }
  throw new Error("Cannot copy a journey: Zipkin has none; send an email");
}

function copyJourney(): Trace {
  const [emailTraceId = "", ...others] = journey.map(() => crypto.randomUUID().replaceAll("-", ""));
  traceIds.push(emailTraceId);
  const startedAt = Math.min(...journey.flat().map(({ timestamp = Infinity }) => timestamp));
  const laterBy = Date.now() * 1000 - startedAt;
  return journey.flatMap((trace, index) =>
    trace.map(({ timestamp = startedAt, annotations, ...span }) => ({
      ...span,
      traceId: [emailTraceId, ...others][index] ?? "",
      timestamp: timestamp + laterBy,
      ...(annotations === undefined ? {} : {
        annotations: annotations.map(({ timestamp, value }) => ({
          timestamp: timestamp + laterBy,
          value,
        })),
      }),
    }))
  );
}

async function post(spans: Trace): Promise<void> {
  try {
    const response = await fetch(`${url}/api/v2/spans`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(spans),
    });
    await response.body?.cancel();
    if (response.status !== 202) throw new Error(`Zipkin answered ${response.status}`);
  } catch (error) {
    throw new Error(`Cannot go on after ${postedCount} spans: ${error}`);
  }
}

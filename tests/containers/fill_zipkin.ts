/**
 * Posts this many spans to Zipkin, and prints how many it still has: `fill_zipkin.ts URL COUNT`. They are copies of an email's
 * journey, its own trace and its poll's, with annotations, so that they take as much memory as real ones.
 *
 * @module
 */
import { copyJourney, readJourney, type Span } from "../fixture/journey_copies.ts";

const JOURNEYS_IN_A_BATCH = 100;

const [url = "", count = "0"] = Deno.args;
const journey = await newestJourney();
const annotationCount = journey.flatMap(({ annotations }) => annotations ?? []).length;
console.log(`Copying a journey of ${journey.length} spans with ${annotationCount} annotations`);

/** In the order in which they were posted. */
const traceIds: string[] = [];
let postedCount = 0;
while (postedCount < Number(count)) {
  const copies = Array.from(
    { length: JOURNEYS_IN_A_BATCH },
    () => copyJourney(journey, Date.now()),
  );
  await post(copies.flat());
  traceIds.push(...copies.flatMap(([first]) => first?.traceId ?? []));
  postedCount += copies.flat().length;
}

// Zipkin drops the oldest first, so a binary search finds the oldest one that is left.
let [gone, kept] = [0, traceIds.length];
while (gone < kept) {
  const middle = Math.floor((gone + kept) / 2);
  const response = await fetch(`${url}/api/v2/trace/${traceIds[middle]}`);
  await response.body?.cancel();
  if (response.ok) kept = middle;
  else gone = middle + 1;
}
console.log(
  `${postedCount} spans posted, the last ${(traceIds.length - kept) * journey.length} are there`,
);

/** The spans of the newest email that is archived and whose poll is over. */
async function newestJourney(): Promise<readonly Span[]> {
  const traces: readonly (readonly Span[])[] = await (await fetch(`${url}/api/v2/traces?limit=100`))
    .json();
  for (const trace of traces) {
    if (!trace.some(({ name }) => name === "archive-email")) continue;
    const journey = await readJourney(url, trace[0]?.traceId ?? "");
    if (journey.some(({ name }) => name === "poll-email")) return journey;
  }
  throw new Error("Cannot copy a journey: Zipkin has none; send an email");
}

async function post(spans: readonly Span[]): Promise<void> {
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

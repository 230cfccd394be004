import { copyJourney, readJourney, type Span } from "../../fixture/journey_copies.ts";
import {
  clearFaults,
  type DevSystem,
  read,
  report,
  setFault,
  untilReady,
  untilStruck,
} from "./dev_system.ts";
import { waitFor } from "./conditions.ts";
import { accept } from "./page_parts.ts";

const DOMAINS = ["example.com", "example.org", "example.net", "example.edu"];
const BATCH_SIZE = 100;

/** The multiples of the golden ratio are spread evenly, whatever their number. */
const EVENLY = 0.6180339887;

/** The slowest journey takes this many times as long as the fastest. */
const SPREAD = 30;

/** Sends three emails, one by one: one arrives, one arrives after a retry, one never does. */
export async function sendOneOfEachKind(system: DevSystem): Promise<readonly string[]> {
  await untilReady(system);
  const { traceId: archived } = await accept(system, "bob@example.com");
  await untilState(system, archived, "archived");
  const { traceId: dead } = await accept(system, "bounce+550+no+such+user@example.com");
  await untilState(system, dead, "dead-lettered");
  await setFault(system, "smtp.reply", "451");
  const { traceId: retried } = await accept(system, "bob@example.com");
  await untilStruck(system, "smtp.reply");
  await clearFaults(system);
  await untilState(system, retried, "archived");
  return [archived, retried, dead];
}

/**
 * Fills the collector with emails of the past: copies of real journeys, each with a time, a domain and a duration of its own, the
 * same in each run.
 */
export async function fillPast(
  system: DevSystem,
  traceIds: readonly string[],
  count: number,
  { fromMs, toMs, domains = DOMAINS }: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly domains?: readonly string[];
  },
): Promise<void> {
  const zipkinUrl = system.variables.ZIPKIN_URL ?? "";
  const journeys = await Promise.all(traceIds.map((id) => readWhole(zipkinUrl, id)));
  for (let first = 0; first < count; first += BATCH_SIZE) {
    const spans = Array.from({ length: Math.min(BATCH_SIZE, count - first) }, (_, index) => {
      const number = first + index;
      const journey = journeys[number % journeys.length] ?? [];
      const startMs = fromMs + (toMs - fromMs) * (number * EVENLY % 1);
      const factor = SPREAD ** (noiseOf(number) - 0.5);
      return copyJourney(journey, startMs, factor, domains[number % domains.length] ?? "");
    });
    await report(system, spans.flat());
  }
}

/** A journey with the spans that are reported after those that prove its end. */
async function readWhole(zipkinUrl: string, traceId: string): Promise<readonly Span[]> {
  let journey: readonly Span[] = [];
  await waitFor(async () => {
    journey = await readJourney(zipkinUrl, traceId);
    const has = (wanted: string) => journey.some(({ name }) => name === wanted);
    return has("schedule-email") && has("archive-email") === has("poll-email");
  });
  return journey;
}

/** Something between 0 and 1 that looks like chance. */
function noiseOf(number: number): number {
  return Math.abs(Math.sin(number * 12.9898) * 43_758.5453) % 1;
}

async function untilState(system: DevSystem, traceId: string, name: string): Promise<void> {
  await waitFor(async () => {
    const trace = await read<{ state: { name: string } }>(system, `/api/traces/${traceId}`);
    return trace?.state.name === name;
  });
}

import { clearFaults, type DevSystem, report, setFault, untilReady } from "./dev_system.ts";
import { waitFor } from "./conditions.ts";
import { accept } from "./page_parts.ts";

interface Span {
  readonly traceId: string;
  readonly timestamp?: number;
  readonly duration?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly annotations?: readonly { readonly timestamp: number; readonly value: string }[];
}

const DOMAINS = ["example.com", "example.org", "example.net", "example.edu"];
const BATCH_SIZE = 100;

/** The multiples of the golden ratio are spread evenly, whatever their number. */
const EVENLY = 0.6180339887;

/** How far the journeys differ: the slowest takes so many times as long as the fastest. */
const SPREAD = 30;

/** Sends three emails, one by one: one arrives, one after a retry, one never. */
export async function sendOneOfEachKind(system: DevSystem): Promise<readonly string[]> {
  await untilReady(system);
  const { traceId: archived } = await accept(system, "bob@example.com");
  await untilState(system, archived, "archived");
  const { traceId: dead } = await accept(system, "bounce+550+no+such+user@example.com");
  await untilState(system, dead, "dead-lettered");
  await setFault(system, "smtp.reply", "451");
  const { traceId: retried } = await accept(system, "bob@example.com");
  await untilState(system, retried, "retrying");
  await clearFaults(system);
  await untilState(system, retried, "archived");
  return [archived, retried, dead];
}

/**
 * Fills the collector with emails of the past: copies of journeys that really were, each at a time, to a domain and with a duration
 * of its own, the same in each run.
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
  const journeys = await Promise.all(traceIds.map((id) => readJourney(system, id)));
  for (let first = 0; first < count; first += BATCH_SIZE) {
    const spans = Array.from({ length: Math.min(BATCH_SIZE, count - first) }, (_, index) => {
      const number = first + index;
      const journey = journeys[number % journeys.length] ?? [];
      const startMs = fromMs + (toMs - fromMs) * (number * EVENLY % 1);
      const factor = SPREAD ** (noiseOf(number) - 0.5);
      return copyOf(journey, startMs, factor, domains[number % domains.length] ?? "");
    });
    await report(system, spans.flat());
  }
}

/** Something between 0 and 1 that looks like chance. */
function noiseOf(number: number): number {
  return Math.abs(Math.sin(number * 12.9898) * 43_758.5453) % 1;
}

/** The spans of an email and of the poll that archived it. */
async function readJourney({ variables }: DevSystem, traceId: string): Promise<readonly Span[]> {
  const read = async (id: string): Promise<readonly Span[]> =>
    await (await fetch(`${variables.ZIPKIN_URL}/api/v2/trace/${id}`)).json();
  const own = await read(traceId);
  const pollId = own.map(({ tags }) => tags?.["poll.trace_id"]).find((id) => id !== undefined);
  return pollId === undefined ? own : [...own, ...await read(pollId)];
}

function copyOf(
  journey: readonly Span[],
  startMs: number,
  factor: number,
  domain: string,
): readonly Span[] {
  let text = JSON.stringify(journey).replaceAll("example.com", domain);
  for (const id of new Set(journey.flatMap(({ tags }) => tags?.["messaging.message.id"] ?? []))) {
    text = text.replaceAll(id, crypto.randomUUID());
  }
  for (const id of new Set(journey.map(({ traceId }) => traceId))) {
    text = text.replaceAll(id, crypto.randomUUID().replaceAll("-", ""));
  }
  const beganUs = Math.min(...journey.map(({ timestamp = Infinity }) => timestamp));
  const at = (us: number) => Math.round(startMs * 1_000 + (us - beganUs) * factor);
  const spans: readonly Span[] = JSON.parse(text);
  return spans.map(({ timestamp = beganUs, duration = 1, annotations = [], ...span }) => ({
    ...span,
    timestamp: at(timestamp),
    duration: Math.max(1, Math.round(duration * factor)),
    annotations: annotations.map(({ timestamp, value }) => ({ timestamp: at(timestamp), value })),
  }));
}

async function untilState({ pageUrl }: DevSystem, traceId: string, name: string): Promise<void> {
  await waitFor(async () => {
    const response = await fetch(new URL(`/api/traces/${traceId}`, pageUrl));
    const body = await response.json();
    return response.ok && body.state.name === name;
  });
}

import type { BenchContext } from "../backing.ts";
import { startService } from "../measure/bench_process.ts";
import { meteredSide } from "../measure/process_figures.ts";
import { formatNumber, interleave, quantile, ratios } from "../measure/samples.ts";
import { figureRow, processorRow, rateRow, type Row, rowNames } from "../row.ts";
import { CONCURRENCY, type Sending, startSending } from "./sending.ts";

/** The most that an email may cost, traced and logged, in emails of the bare route. */
const MOST_TIMES_BARE = 3.2;
const LATENCY_RATE_PER_SECOND = 1_000;
/** Divisible by two and three. */
const REPLICA_COUNT = 6_000;

/** Accept: what an email costs the message server, beside a bare route with bare amqplib, and beside itself without tracing. */
export async function measureAccept(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { components, amqpUrl }, isShort, rounds, progress, profileDirectory } = context;
  await using resources = new AsyncDisposableStack();
  const sending = await startSending(context, resources);
  const { queues: { purge }, start, environment, bareServer, post } = sending;
  // Each in a process of its own, and only one of them has something to do at a time.
  const server = await startService("message-server", environment, resources, profileDirectory);
  const untracedServer = await start("untraced_server", { amqpUrl });

  progress(`accept, ${components}`);
  const count = isShort ? 3_000 : 8_000;
  const side = <const Name extends string>(
    name: Name,
    { pid, url }: { readonly pid: number; readonly url: string },
  ) =>
    meteredSide(name, pid, count, purge, async () => count / (await post({ url, count })).seconds);
  const traced = side("traced", server);
  const bare = side("bare", bareServer);
  const untraced = side("untraced", untracedServer);
  const rates = await interleave([traced, bare, untraced], rounds);
  await purge();

  const facts = rowNames("accept.quorum", "Accept, quorum queue", components);
  const sameWork = facts("same-work", "against a bare route that publishes with bare amqplib");
  const processor = facts("processor", "processor time, against that route", {
    goal: { atLeast: Math.round(100 / MOST_TIMES_BARE) / 100 },
  });
  const tracing = facts("tracing", "processor time, against the same route without tracing", {
    goal: { atLeast: 0.75 },
  });
  return [
    rateRow(sameWork, rates.traced, "bare", rates.bare),
    processorRow(processor, traced.microseconds, bare.microseconds),
    processorRow(tracing, traced.microseconds, untraced.microseconds, "without tracing"),
    ...await measureLatency(context, server.url, sending),
    ...isShort ? [] : await measureReplicas(context, sending),
  ];
}

/** How much more several message servers accept, each of which gets its share of the connections, as from a load balancer. */
async function measureReplicas(
  { backing: { components }, rounds, progress }: BenchContext,
  { queues, post, environment }: Sending,
): Promise<readonly Row[]> {
  progress(`accept, replicas, ${components}`);
  await using resources = new AsyncDisposableStack();
  const start = () => startService("message-server", environment, resources);
  const replicas = [await start(), await start(), await start()];
  const side = <const Name extends string>(name: Name, used: typeof replicas) => ({
    name,
    run: async () => {
      await queues.purge();
      const shareOf = (all: number) => Math.floor(all / used.length);
      const share = { count: shareOf(REPLICA_COUNT), concurrency: shareOf(CONCURRENCY) };
      const loads = await Promise.all(used.map(({ url }) => post({ url, ...share })));
      return REPLICA_COUNT / Math.max(...loads.map(({ seconds }) => seconds));
    },
  });
  const rates = await interleave([
    side("one", replicas.slice(0, 1)),
    side("two", replicas.slice(0, 2)),
    side("three", replicas),
  ], rounds);
  await queues.purge();
  const facts = rowNames("accept.replicas", "Accept", components);
  const against = "message servers, against one";
  return [
    rateRow(facts("two", `two ${against}`), rates.two, "one", rates.one),
    rateRow(facts("three", `three ${against}`), rates.three, "one", rates.one),
  ];
}

async function measureLatency(
  { backing: { components }, isShort, rounds, progress }: BenchContext,
  url: string,
  { queues, post, bareServer }: Sending,
): Promise<readonly Row[]> {
  progress(`accept, latency, ${components}`);
  const side = (url: string) => {
    const p50Ms: number[] = [];
    const p99Ms: number[] = [];
    const measure = async () => {
      await queues.purge();
      const count = (isShort ? 1 : 3) * LATENCY_RATE_PER_SECOND;
      const latency = await post({ url, count, ratePerSecond: LATENCY_RATE_PER_SECOND });
      p50Ms.push(latency.p50Ms);
      p99Ms.push(latency.p99Ms);
    };
    return { p50Ms, p99Ms, measure };
  };
  const ours = side(url);
  const bare = side(bareServer.url);
  for (let round = 0; round < rounds; round++) {
    await ours.measure();
    await bare.measure();
  }
  const facts = rowNames("accept.latency", "Accept", components);
  const row = (id: "p50Ms" | "p99Ms", what: string, goal = {}) => {
    const [oursMs, bareMs] = [ours[id], bare[id]].map((ms) => formatNumber(quantile(ms, 0.5)));
    return figureRow(
      facts(
        id,
        `${what} of an answer at ${LATENCY_RATE_PER_SECOND} a second, to the bare route's`,
        {
          detail: `${oursMs} ms; bare ${bareMs} ms`,
          ...goal,
        },
      ),
      "×",
      ratios(ours[id], bare[id]),
    );
  };
  return [row("p50Ms", "median"), row("p99Ms", "p99", { goal: { atMost: 2 } })];
}

import type { BenchContext } from "../context.ts";
import { startService } from "../measure/bench_process.ts";
import { meter } from "../measure/process_figures.ts";
import { formatNumber, interleave, median, ratios } from "../measure/samples.ts";
import { type Goal, processorRatio, rateRatio, type Row, rowsOf } from "../row.ts";
import { CONCURRENCY, type Sending, startSending } from "./sending.ts";

/** The most that an email may cost, traced and logged, in emails of the bare route. */
const MOST_TIMES_BARE = 3.2;
const LATENCY_RATE_PER_SECOND = 1_000;
/** Divisible by two and three. */
const REPLICA_COUNT = 6_000;

/** Accept: the cost of an email in the message server, in a bare route with bare amqplib, and in the server without tracing. */
export async function measureAccept(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { components, amqpUrl }, isShort, rounds, progress, profileDirectory } = context;
  await using resources = new AsyncDisposableStack();
  const sending = await startSending(context, resources);
  const { queues, start, environment, bareServer, post } = sending;
  // Each is a process of its own, and only one of them works at a time.
  const server = await startService("message-server", environment, resources, profileDirectory);
  const untracedServer = await start("untraced_server", { amqpUrl });

  progress(`accept, ${components}`);
  const count = isShort ? 3_000 : 8_000;
  const side = ({ pid, url }: { readonly pid: number; readonly url: string }) => async () => {
    await queues.purge();
    return await meter(pid, count, async () => (await post({ url, count })).seconds);
  };
  const { traced, bare, untraced } = await interleave({
    traced: side(server),
    bare: side(bareServer),
    untraced: side(untracedServer),
  }, rounds);
  await queues.purge();

  const row = rowsOf("accept.quorum", "Accept, quorum queue", components);
  return [
    row(
      "same-work",
      "against a bare route that publishes with bare amqplib",
      rateRatio(traced, bare),
    ),
    row("processor", "processor time, against that route", {
      ...processorRatio(traced, bare),
      goal: { atLeast: Math.round(100 / MOST_TIMES_BARE) / 100 },
    }),
    row("tracing", "processor time, against the same route without tracing", {
      ...processorRatio(traced, untraced, "without tracing"),
      goal: { atLeast: 0.75 },
    }),
    ...await measureLatency(context, server.url, sending),
    ...isShort ? [] : await measureReplicas(context, sending),
  ];
}

/** How much more several message servers accept. Each gets its share of the connections, as from a load balancer. */
async function measureReplicas(
  { backing: { components }, rounds, progress }: BenchContext,
  { queues, post, environment }: Sending,
): Promise<readonly Row[]> {
  progress(`accept, replicas, ${components}`);
  await using resources = new AsyncDisposableStack();
  const start = () => startService("message-server", environment, resources);
  const replicas = [await start(), await start(), await start()];
  const side = (usedCount: number) => async () => {
    await queues.purge();
    const shareOf = (all: number) => Math.floor(all / usedCount);
    const share = { count: shareOf(REPLICA_COUNT), concurrency: shareOf(CONCURRENCY) };
    const used = replicas.slice(0, usedCount);
    const loads = await Promise.all(used.map(({ url }) => post({ url, ...share })));
    return { rate: REPLICA_COUNT / Math.max(...loads.map(({ seconds }) => seconds)) };
  };
  const { one, two, three } = await interleave(
    { one: side(1), two: side(2), three: side(3) },
    rounds,
  );
  await queues.purge();
  const row = rowsOf("accept.replicas", "Accept", components);
  return [
    row("two", "two message servers, against one", rateRatio(two, one, "one")),
    row("three", "three message servers, against one", rateRatio(three, one, "one")),
  ];
}

async function measureLatency(
  { backing: { components }, isShort, rounds, progress }: BenchContext,
  url: string,
  { queues, post, bareServer }: Sending,
): Promise<readonly Row[]> {
  progress(`accept, latency, ${components}`);
  const count = (isShort ? 1 : 3) * LATENCY_RATE_PER_SECOND;
  const side = (url: string) => async () => {
    await queues.purge();
    return await post({ url, count, ratePerSecond: LATENCY_RATE_PER_SECOND });
  };
  const { ours, bare } = await interleave(
    { ours: side(url), bare: side(bareServer.url) },
    rounds,
  );
  const row = rowsOf("accept.latency", "Accept", components);
  const latency = (id: "p50Ms" | "p99Ms", what: string, goal?: Goal) => {
    const [oursMs, bareMs] = [ours.map((load) => load[id]), bare.map((load) => load[id])];
    return row(
      id,
      `${what} of an answer at ${LATENCY_RATE_PER_SECOND} a second, to the bare route's`,
      {
        unit: "×",
        samples: ratios(oursMs, bareMs),
        detail: `${formatNumber(median(oursMs))} ms; bare ${formatNumber(median(bareMs))} ms`,
        goal,
      },
    );
  };
  return [latency("p50Ms", "median"), latency("p99Ms", "p99", { atMost: 2 })];
}

import type { BenchContext } from "../backing.ts";
import { type BenchProcess, startService } from "../measure/bench_process.ts";
import { meterProcessor } from "../measure/process_figures.ts";
import { formatRate, interleave, quantile } from "../measure/samples.ts";
import { figureRow, processorRow, rateRow, ratioRow, type Row, rowNames } from "../row.ts";
import { startSending } from "./sending.ts";

const LATENCY_RATE_PER_SECOND = 1_000;
const UNSAMPLED = { "x-b3-sampled": "0" };

/**
 * Accept: how fast the message server takes emails, beside a bare route, bare publishing, both together, and itself without
 * tracing.
 */
export async function measureAccept(context: BenchContext): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const processes = await startProcesses(context, resources);
  return [...await compare(context, processes), ...await measureLatency(context, processes)];
}

/** All that runs, each in a process of its own. Only one of the servers has something to do at a time. */
async function startProcesses(context: BenchContext, resources: AsyncDisposableStack) {
  const { profileDirectory, backing: { amqpUrl } } = context;
  const sending = await startSending(context, resources);
  const { start, environment } = sending;
  return {
    ...sending,
    traced: await startService("message-server", environment, resources, profileDirectory),
    untraced: await start("untraced_server", { amqpUrl }),
    route: await start("bare_server"),
  };
}

type Processes = Awaited<ReturnType<typeof startProcesses>>;

async function compare(
  { backing: { components }, isShort, rounds, progress }: BenchContext,
  { queues, traced, untraced, route, bareServer, post, publish }: Processes,
): Promise<readonly Row[]> {
  progress(`accept, ${components}`);
  const count = isShort ? 3_000 : 8_000;
  const microseconds: number[] = [];
  const bareMicroseconds: number[] = [];
  const postTo = async (url: string, headers = {}) => {
    await queues.purge();
    return count / (await post({ url, count, headers })).seconds;
  };
  const metered = ({ pid, url }: Pick<BenchProcess, "pid" | "url">, into: number[]) => () =>
    meterProcessor(pid, count, into, () => postTo(url));
  const publishAll = async () => {
    await queues.purge();
    return count / await publish(count);
  };
  const samples = await interleave([
    { name: "traced", run: metered(traced, microseconds) },
    { name: "amqplib", run: publishAll },
    { name: "route", run: () => postTo(route.url) },
    { name: "bareServer", run: metered(bareServer, bareMicroseconds) },
    { name: "untraced", run: () => postTo(untraced.url) },
    { name: "unsampled", run: () => postTo(traced.url, UNSAMPLED) },
  ], rounds);
  await queues.purge();

  const { traced: rates, amqplib, route: answered, untraced: without, unsampled } = samples;
  const facts = rowNames("accept.quorum", "Accept, quorum queue", components);
  const ceiling = facts("ceiling", "against the lower of bare publishing and a bare route", {
    goal: { atLeast: 0.7 },
    detail: `${formatRate(rates)}; amqplib ${formatRate(amqplib)}, route ${formatRate(answered)}`,
  });
  const lower = amqplib.map((rate, round) => Math.min(rate, answered[round] ?? NaN));
  const sameWork = facts("same-work", "against a bare route that publishes with bare amqplib");
  const goal = { atLeast: 0.85 };
  const tracing = facts("tracing", "against the same route without tracing", { goal });
  const notSampled = facts("unsampled", "unsampled, against the same route without tracing");
  const processor = facts("processor", "processor time, against that route");
  return [
    ratioRow(ceiling, rates, lower),
    rateRow(sameWork, rates, "both in one", samples.bareServer),
    rateRow(tracing, rates, "without tracing", without),
    rateRow(notSampled, unsampled, "without tracing", without),
    processorRow(processor, microseconds, bareMicroseconds),
  ];
}

async function measureLatency(
  { backing: { components }, isShort, rounds, progress }: BenchContext,
  { queues, traced, post }: Processes,
): Promise<readonly Row[]> {
  progress(`accept, latency, ${components}`);
  const p50Ms: number[] = [];
  const p99Ms: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await queues.purge();
    const latency = await post({
      url: traced.url,
      count: (isShort ? 1 : 3) * LATENCY_RATE_PER_SECOND,
      ratePerSecond: LATENCY_RATE_PER_SECOND,
    });
    p50Ms.push(latency.p50Ms);
    p99Ms.push(latency.p99Ms);
  }
  const facts = rowNames("accept.latency", "Accept", components);
  const answer = `of an answer at ${LATENCY_RATE_PER_SECOND} a second`;
  const detail = `worst round ${quantile(p99Ms, 1).toFixed(1)} ms`;
  return [
    figureRow(facts("p50", `median ${answer}`), "ms", p50Ms),
    figureRow(facts("p99", `p99 ${answer}`, { detail }), "ms", p99Ms),
  ];
}

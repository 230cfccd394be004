import type { BenchContext } from "../backing.ts";
import { startService } from "../measure/bench_process.ts";
import { meteredSide } from "../measure/process_figures.ts";
import { formatRate, interleave, quantile } from "../measure/samples.ts";
import { figureRow, processorRow, rateRow, ratioRow, type Row, rowNames } from "../row.ts";
import { type Sending, startSending } from "./sending.ts";

const LATENCY_RATE_PER_SECOND = 1_000;
const UNSAMPLED = { "x-b3-sampled": "0" };

/**
 * Accept: how fast the message server takes emails, beside a bare route, bare publishing, both together, and itself without
 * tracing.
 */
export async function measureAccept(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { components, amqpUrl }, isShort, rounds, progress, profileDirectory } = context;
  await using resources = new AsyncDisposableStack();
  const sending = await startSending(context, resources);
  const { queues, start, environment, bareServer, post, publish } = sending;
  // Each in a process of its own, and only one of them has something to do at a time.
  const traced = await startService("message-server", environment, resources, profileDirectory);
  const untraced = await start("untraced_server", { amqpUrl });
  const route = await start("bare_server");

  progress(`accept, ${components}`);
  const count = isShort ? 3_000 : 8_000;
  const { purge } = queues;
  const postTo = async ({ url }: { readonly url: string }, headers = {}) =>
    count / (await post({ url, count, headers })).seconds;
  const side = <const Name extends string>(name: Name, rate: () => Promise<number>) => ({
    name,
    run: async () => {
      await purge();
      return await rate();
    },
  });
  const ours = meteredSide("traced", traced.pid, count, purge, () => postTo(traced));
  const both = meteredSide("both", bareServer.pid, count, purge, () => postTo(bareServer));
  const samples = await interleave([
    ours,
    side("amqplib", async () => count / await publish(count)),
    side("route", () => postTo(route)),
    both,
    side("untraced", () => postTo(untraced)),
    side("unsampled", () => postTo(traced, UNSAMPLED)),
  ], rounds);
  await purge();

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
    rateRow(sameWork, rates, "both in one", samples.both),
    rateRow(tracing, rates, "without tracing", without),
    rateRow(notSampled, unsampled, "without tracing", without),
    processorRow(processor, ours.microseconds, both.microseconds),
    ...await measureLatency(context, traced.url, sending),
  ];
}

async function measureLatency(
  { backing: { components }, isShort, rounds, progress }: BenchContext,
  url: string,
  { queues, post }: Sending,
): Promise<readonly Row[]> {
  progress(`accept, latency, ${components}`);
  const p50Ms: number[] = [];
  const p99Ms: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await queues.purge();
    const latency = await post({
      url,
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

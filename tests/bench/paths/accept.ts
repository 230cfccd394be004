import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../context.ts";
import { processStarter } from "../measure/bench_process.ts";
import { interleave } from "../measure/interleave.ts";
import { meterProcessor } from "../measure/process_figures.ts";
import { BenchQueues, type QueueType } from "../measure/queues.ts";
import { quantile } from "../measure/statistics.ts";
import type { LoadCommand, LoadResult } from "../processes/load_generator.ts";
import type { PublishCommand, PublishResult } from "../processes/raw_publisher.ts";
import { figureRow, processorRow, ratioRow, type Row } from "../row.ts";
import { perSecond } from "../text.ts";

const CONNECTIONS = 64;
const LATENCY_RATE_PER_SECOND = 1_000;
const UNSAMPLED = "x-b3-sampled: 0\r\n";

/**
 * Accept: how fast the message server takes emails, beside a bare route, bare publishing, both together, and itself without
 * tracing.
 */
export async function measureAccept(context: BenchContext): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const processes = await startProcesses(context, resources);
  const rows: Row[] = [];
  for (const type of typesOf(context)) {
    await processes.queues.use(type);
    rows.push(...await compare(type, context, processes));
  }
  await processes.queues.use("quorum");
  rows.push(...await measureLatency(context, processes));
  return rows;
}

/** A stand-in makes no difference between the types of queues. */
function typesOf({ isShort, backing }: BenchContext): readonly QueueType[] {
  return isShort || backing.components === "stand-ins" ? ["quorum"] : ["quorum", "classic"];
}

/** All that runs, each in a process of its own. Only one of the servers has something to do at a time. */
async function startProcesses({ backing, signal }: BenchContext, resources: AsyncDisposableStack) {
  const { amqpUrl } = backing;
  const start = processStarter(resources, signal);
  const queues = resources.use(await BenchQueues.open(amqpUrl));
  const collector = await start("collector_sink");
  const environment = { AMQP_URL: amqpUrl, ZIPKIN_URL: collector.addresses.url };
  const traced = resources.use(new ServiceProcess("message-server", { environment }));
  const untraced = await start("untraced_server", { amqpUrl });
  await traced.ready();
  return {
    queues,
    traced,
    untraced,
    publisher: await start("raw_publisher", { amqpUrl }),
    route: await start("bare_route"),
    publishingRoute: await start("bare_route", { amqpUrl }),
    generator: await start("load_generator"),
  };
}

type Processes = Awaited<ReturnType<typeof startProcesses>>;

async function compare(
  type: QueueType,
  { backing: { components }, isShort, rounds, progress }: BenchContext,
  { queues, traced, untraced, publisher, route, publishingRoute, generator }: Processes,
): Promise<readonly Row[]> {
  progress(`accept, ${type} queue, ${components}`);
  const count = isShort ? 3_000 : 8_000;
  const processorMicroseconds: number[] = [];
  const bareMicroseconds: number[] = [];
  const post = (url: string, headers?: string) => async () => {
    await queues.purge();
    const command: LoadCommand = { url, connections: CONNECTIONS, count };
    const { seconds } = await generator.call<LoadResult>(
      headers === undefined ? command : { ...command, headers },
    );
    return count / seconds;
  };
  const metered =
    ({ pid }: { readonly pid: number }, into: number[], work: () => Promise<number>) => () =>
      meterProcessor(pid, count, into, work);
  const publish = async () => {
    await queues.purge();
    const command: PublishCommand = {
      exchange: EXCHANGE,
      routingKey: ROUTING_KEY,
      count,
      outstanding: CONNECTIONS,
    };
    return count / (await publisher.call<PublishResult>(command)).seconds;
  };
  const samples = await interleave([
    { name: "traced", run: metered(traced, processorMicroseconds, post(traced.url)) },
    { name: "amqplib", run: publish },
    { name: "route", run: post(route.addresses.url) },
    {
      name: "sameWork",
      run: metered(publishingRoute, bareMicroseconds, post(publishingRoute.addresses.url)),
    },
    { name: "untraced", run: post(untraced.addresses.url) },
    { name: "unsampled", run: post(traced.url, UNSAMPLED) },
  ], rounds);
  await queues.purge();

  const ceiling = samples.amqplib.map((rate, round) => Math.min(rate, samples.route[round] ?? NaN));
  const rate = (name: keyof typeof samples) => perSecond(samples[name]);
  const facts = (id: string, what: string) => ({
    id: `accept.${type}.${id}.${components}`,
    what: `Accept, ${type} queue: ${what}`,
    components,
  });
  return [
    ratioRow(
      {
        ...facts("ceiling", "against the lower of bare publishing and a bare route"),
        goal: { atLeast: 0.7 },
        detail: `${rate("traced")}; amqplib ${rate("amqplib")}, route ${rate("route")}`,
      },
      samples.traced,
      ceiling,
    ),
    ratioRow(
      {
        ...facts("same-work", "against a bare route that publishes with bare amqplib"),
        detail: `${rate("traced")}; both in one ${rate("sameWork")}`,
      },
      samples.traced,
      samples.sameWork,
    ),
    ratioRow(
      {
        ...facts("tracing", "against the same route without tracing"),
        goal: { atLeast: 0.85 },
        detail: `${rate("traced")}; without tracing ${rate("untraced")}`,
      },
      samples.traced,
      samples.untraced,
    ),
    ratioRow(
      {
        ...facts("unsampled", "unsampled, against the same route without tracing"),
        detail: `${rate("unsampled")}; without tracing ${rate("untraced")}`,
      },
      samples.unsampled,
      samples.untraced,
    ),
    processorRow(
      facts("processor", "processor time, against that route"),
      processorMicroseconds.slice(1),
      bareMicroseconds.slice(1),
    ),
  ];
}

async function measureLatency(
  { backing: { components }, isShort, rounds, progress }: BenchContext,
  { queues, traced, generator }: Processes,
): Promise<readonly Row[]> {
  progress(`accept, latency, ${components}`);
  const command: LoadCommand = {
    url: traced.url,
    connections: CONNECTIONS,
    count: (isShort ? 1 : 3) * LATENCY_RATE_PER_SECOND,
    ratePerSecond: LATENCY_RATE_PER_SECOND,
  };
  const p50Ms: number[] = [];
  const p99Ms: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await queues.purge();
    const latency = await generator.call<LoadResult>(command);
    p50Ms.push(latency.p50Ms);
    p99Ms.push(latency.p99Ms);
  }
  const facts = (id: string, what: string) => ({
    id: `accept.latency.${id}.${components}`,
    what: `Accept: ${what} of an answer at ${LATENCY_RATE_PER_SECOND} a second`,
    components,
  });
  return [
    figureRow(facts("p50", "median"), "ms", p50Ms),
    figureRow(
      { ...facts("p99", "p99"), detail: `worst round ${quantile(p99Ms, 1).toFixed(1)} ms` },
      "ms",
      p99Ms,
    ),
  ];
}

import { QUEUE } from "@playground/shared/amqp";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../context.ts";
import { processStarter } from "../measure/bench_process.ts";
import { BenchQueues } from "../measure/queues.ts";
import { quantile } from "../measure/statistics.ts";
import type { PipelineCommand, PipelineSettings } from "../processes/bare_pipeline.ts";
import type { LoadCommand, LoadResult } from "../processes/load_generator.ts";
import type { Arrivals, SinkCommand } from "../processes/smtp_sink.ts";
import { figureRow, type Row } from "../row.ts";
import { number } from "../text.ts";
import { emailerEnvironment } from "./deliver.ts";

const RATE_PER_SECOND = 100;
const CONNECTIONS = 4;

/**
 * Journey: how long an email takes from its POST until the mail server has accepted it, at a steady rate; beside the same hops
 * without anything of ours around them.
 */
export async function measureJourney(
  { backing: { amqpUrl, components }, isShort, rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  progress(`journey, ${components}`);
  const count = (isShort ? 2 : 6) * RATE_PER_SECOND;
  await using resources = new AsyncDisposableStack();
  const start = processStarter(resources, signal);
  resources.use(await BenchQueues.open(amqpUrl));
  const collector = await start("collector_sink");
  const sink = await start("smtp_sink");
  const generator = await start("load_generator");
  const environment = emailerEnvironment(amqpUrl, collector.addresses.url, sink);
  const server = resources.use(new ServiceProcess("message-server", { environment }));
  const route = await start("bare_route", { amqpUrl });
  const pipeline = await start(
    "bare_pipeline",
    { amqpUrl, port: sink.addresses.port, connections: CONNECTIONS } satisfies PipelineSettings,
  );
  await server.ready();

  /** How long each email took, in milliseconds. */
  const travel = async (url: string) => {
    const load: LoadCommand = {
      url,
      connections: 64,
      count,
      ratePerSecond: RATE_PER_SECOND,
      numbered: true,
    };
    const drained = sink.call({ kind: "drain", count } satisfies SinkCommand);
    const { postedAtMs } = await generator.call<LoadResult>(load);
    await drained;
    const { arrivals } = await sink.call<Arrivals>({ kind: "arrivals" } satisfies SinkCommand);
    return arrivals.map(([number, acceptedAtMs]) => acceptedAtMs - (postedAtMs[number] ?? NaN));
  };
  const ours = async () => {
    // Both take from one queue, so that each consumes in its own rounds only.
    await using emailer = new ServiceProcess("emailer", { environment });
    await emailer.ready();
    await travel(server.url);
    return await travel(server.url);
  };
  const bare = async () => {
    await pipeline.call({ queue: QUEUE } satisfies PipelineCommand);
    const latenciesMs = await travel(route.addresses.url);
    await pipeline.call({} satisfies PipelineCommand);
    return latenciesMs;
  };
  await bare();
  const oursMs: (readonly number[])[] = [];
  const bareMs: (readonly number[])[] = [];
  for (let round = 0; round < rounds; round++) {
    oursMs.push(await ours());
    bareMs.push(await bare());
  }
  const of = (rounds: readonly (readonly number[])[], share: number) =>
    rounds.map((latenciesMs) => quantile(latenciesMs, share));
  const facts = (id: string, what: string) => ({
    id: `journey.${id}.${components}`,
    what: `Journey from POST to the mail server at ${RATE_PER_SECOND} a second: ${what}`,
    components,
  });
  const bareP50 = of(bareMs, 0.5);
  return [
    figureRow(
      {
        ...facts("added", "median beyond that of the bare hops"),
        goal: { atMost: 5 },
        detail: `bare hops ${number(quantile(bareP50, 0.5))} ms`,
      },
      "ms",
      of(oursMs, 0.5).map((p50, round) => p50 - (bareP50[round] ?? NaN)),
    ),
    figureRow(facts("p50", "median"), "ms", of(oursMs, 0.5)),
    figureRow(
      {
        ...facts("p99", "p99"),
        detail: `bare hops ${number(quantile(of(bareMs, 0.99), 0.5))} ms`,
      },
      "ms",
      of(oursMs, 0.99),
    ),
  ];
}

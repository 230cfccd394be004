import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import { ServiceProcess } from "../../../testing/service_process.ts";
import type { BenchContext } from "../../context.ts";
import { processStarter } from "../../measure/bench_process.ts";
import type { LoadCommand, LoadResult } from "../../processes/load_generator.ts";
import type { PublishCommand } from "../../processes/raw_publisher.ts";
import type { DrainResult, SinkCommand } from "../../processes/smtp_sink.ts";
import type { Row } from "../../row.ts";
import { growthRow } from "./growth_row.ts";
import { startSending } from "./sending.ts";

const SHORT = 100;
const DEPTHS = [10_000, 100_000] as const;
const REPEATS = 3;
const ACCEPT_COUNT = 2_000;
/** Together less than was accepted before: a queue must not run empty while it is measured. */
const DELIVER_COUNT = 1_200;

/** What an email costs at one depth, in microseconds. */
interface DepthCosts {
  readonly accept: readonly number[];
  readonly deliver: readonly number[];
}

/**
 * Measures what an email costs at a queue depth, in relation to the same at a short queue before and after.
 *
 * @param context The backing services.
 * @returns The rows.
 */
export async function measureDepths(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { amqpUrl, components }, signal, progress } = context;
  await using resources = new AsyncDisposableStack();
  const { queues, generator, sink, server, environment } = await startSending(context, resources);
  const publisher = await processStarter(resources, signal)("raw_publisher", { amqpUrl });

  const accept = async () => {
    const post: LoadCommand = { url: server.url, connections: 64, count: ACCEPT_COUNT };
    return (await generator.call<LoadResult>(post)).seconds / ACCEPT_COUNT * 1e6;
  };
  const deliver = async () => {
    const drain: SinkCommand = { kind: "drain", count: DELIVER_COUNT };
    return (await sink.call<DrainResult>(drain)).seconds / DELIVER_COUNT * 1e6;
  };
  const costsAt = async (depth: number): Promise<DepthCosts> => {
    progress(`growth, ${depth} emails in the queue, ${components}`);
    await queues.purge();
    const fill: PublishCommand = {
      exchange: EXCHANGE,
      routingKey: ROUTING_KEY,
      count: depth,
      outstanding: 256,
    };
    await publisher.call(fill);
    const acceptMicroseconds = await repeat(accept);
    await sink.call({ kind: "hold" } satisfies SinkCommand);
    await using emailer = new ServiceProcess("emailer", { environment });
    await emailer.ready();
    // The first ones find neither connections nor compiled code.
    await deliver();
    return { accept: acceptMicroseconds, deliver: await repeat(deliver) };
  };

  await accept();
  const rows: Row[] = [];
  let before = await costsAt(SHORT);
  for (const depth of DEPTHS) {
    const many = await costsAt(depth);
    const after = await costsAt(SHORT);
    for (const [work, verb] of [["accept", "accepted"], ["deliver", "delivered"]] as const) {
      rows.push(growthRow({
        id: `depth.${work}.${depth}`,
        what: `${verb}, ${depth.toLocaleString("en-US")} in the queue`,
        components,
        manyMicroseconds: many[work],
        fewMicroseconds: before[work].map((cost, round) =>
          (cost + (after[work][round] ?? NaN)) / 2
        ),
      }));
    }
    before = after;
  }
  await queues.purge();
  return rows;
}

async function repeat(measure: () => Promise<number>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let count = 0; count < REPEATS; count++) samples.push(await measure());
  return samples;
}

import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import { ServiceProcess } from "../../../fixture/service_process.ts";
import type { BenchContext } from "../../context.ts";
import { processStarter } from "../../measure/bench_process.ts";
import { meterProcessor } from "../../measure/process_figures.ts";
import type { LoadCommand, LoadResult } from "../../processes/load_generator.ts";
import type { PublishCommand, PublishResult } from "../../processes/raw_publisher.ts";
import type { DrainResult, SinkCommand } from "../../processes/smtp_sink.ts";
import type { Row } from "../../row.ts";
import { growthRow } from "./growth_row.ts";
import { startSending } from "./sending.ts";

const SHORT = 100;
const DEPTHS = [10_000, 100_000] as const;
const ROUNDS = 3;
const ACCEPT_COUNT = 2_000;
const PUBLISH_COUNT = 1_000;
/** Together less than was accepted before: a queue must not run empty while it is measured. */
const DELIVER_COUNT = 1_200;

/** What is measured at each depth. The services' processor time and bare amqplib tell a growth of ours from one of the broker. */
const COSTS = [
  { cost: "accept", what: "accepted", hasGoal: true },
  {
    cost: "acceptProcessor",
    what: "accepted, processor time of the message server",
    hasGoal: false,
  },
  { cost: "publish", what: "published by bare amqplib", hasGoal: false },
  { cost: "deliver", what: "delivered", hasGoal: true },
  { cost: "deliverProcessor", what: "delivered, processor time of the emailer", hasGoal: false },
] as const;

/** What an email costs at one depth, in microseconds, of each round. */
type DepthCosts = Readonly<Record<typeof COSTS[number]["cost"], number[]>>;

/**
 * Measures what an email costs at a queue depth, in relation to the same at a short queue before and after.
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
  const publish = async (count: number) => {
    const command: PublishCommand = {
      exchange: EXCHANGE,
      routingKey: ROUTING_KEY,
      count,
      outstanding: 64,
    };
    return (await publisher.call<PublishResult>(command)).seconds / count * 1e6;
  };
  const deliver = async () => {
    const drain: SinkCommand = { kind: "drain", count: DELIVER_COUNT };
    return (await sink.call<DrainResult>(drain)).seconds / DELIVER_COUNT * 1e6;
  };
  const costsAt = async (depth: number): Promise<DepthCosts> => {
    progress(`growth, ${depth} emails in the queue, ${components}`);
    const costs: DepthCosts = {
      accept: [],
      acceptProcessor: [],
      publish: [],
      deliver: [],
      deliverProcessor: [],
    };
    await queues.purge();
    await publish(depth);
    for (let round = 0; round < ROUNDS; round++) {
      costs.accept.push(
        await meterProcessor(server.pid, ACCEPT_COUNT, costs.acceptProcessor, accept),
      );
      costs.publish.push(await publish(PUBLISH_COUNT));
    }
    await sink.call({ kind: "hold" } satisfies SinkCommand);
    await using emailer = new ServiceProcess("emailer", { environment });
    await emailer.ready();
    // The first ones find neither connections nor compiled code.
    await deliver();
    for (let round = 0; round < ROUNDS; round++) {
      costs.deliver.push(
        await meterProcessor(emailer.pid, DELIVER_COUNT, costs.deliverProcessor, deliver),
      );
    }
    return costs;
  };

  // The first ones find no compiled code.
  await accept();
  await publish(PUBLISH_COUNT);
  const rows: Row[] = [];
  let before = await costsAt(SHORT);
  for (const depth of DEPTHS) {
    const many = await costsAt(depth);
    const after = await costsAt(SHORT);
    for (const { cost, what, hasGoal } of COSTS) {
      rows.push(growthRow({
        id: `depth.${cost}.${depth}`,
        what: `${what}, ${depth.toLocaleString("en-US")} in the queue`,
        components,
        manyMicroseconds: many[cost],
        fewMicroseconds: before[cost].map((microseconds, round) =>
          (microseconds + (after[cost][round] ?? NaN)) / 2
        ),
        hasGoal,
      }));
    }
    before = after;
  }
  await queues.purge();
  return rows;
}

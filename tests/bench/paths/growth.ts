import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import { waitFor } from "@playground/shared/testing";
import { COLLECTION } from "@playground/poller/archive";
import { MongoClient } from "mongodb";
import { ServiceProcess } from "../../testing/service_process.ts";
import type { BenchContext } from "../context.ts";
import { BenchProcess } from "../measure/bench_process.ts";
import { residentBytes } from "../measure/process_figures.ts";
import { BenchQueues } from "../measure/queues.ts";
import { quantile } from "../measure/statistics.ts";
import type { InboxCommand, InboxDrainResult } from "../processes/fake_inbox.ts";
import type { LoadCommand, LoadResult } from "../processes/load_generator.ts";
import type { PublishCommand } from "../processes/raw_publisher.ts";
import type { DrainResult, SinkCommand } from "../processes/smtp_sink.ts";
import { figureRow, type Row } from "../row.ts";
import { POLLER_TOKEN, pollerEnvironment } from "./archive.ts";
import { emailerEnvironment } from "./deliver.ts";

const DEPTHS = [100, 10_000, 100_000] as const;
const ARCHIVE_SIZES = [100, 10_000, 100_000] as const;
/** Each cost is the median of so many. */
const REPEATS = 3;
const SAMPLE_COUNT = 2_000;
/** Less than was accepted before: some are delivered between two measurements. */
const DRAIN_COUNT = 1_500;
const ARCHIVE_SAMPLE_COUNT = 500;
const SOAK_COUNT = 100_000;
const SOAK_STEPS = 10;
const FLAT = 1.2;
const MAIL_BYTES = 5_000;
const BATCH = 1_000;

/**
 * Growth: whether an email costs the same however many others there are, and whether the services' memory stays as it is.
 *
 * @param context The backing services.
 * @returns The rows. They take some ten minutes.
 */
export async function measureGrowth(context: BenchContext): Promise<readonly Row[]> {
  return [
    ...await measureDepths(context),
    ...await measureArchiveSizes(context),
    ...await measureMemory(context),
  ];
}

/** Cost per email at a queue depth, in relation to that of a short queue. */
async function measureDepths(
  { backing: { amqpUrl, components }, progress }: BenchContext,
): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const { queues, publisher, generator, sink, server, environment } = await startSending(
    amqpUrl,
    resources,
  );
  const post: LoadCommand = { url: server.url, connections: 64, count: SAMPLE_COUNT };
  const accept = async () => (await generator.call<LoadResult>(post)).seconds / SAMPLE_COUNT * 1e6;
  await accept();
  const acceptMicroseconds: number[] = [];
  const deliverMicroseconds: number[] = [];
  const drain: SinkCommand = { kind: "drain", count: DRAIN_COUNT };
  const deliver = async () => (await sink.call<DrainResult>(drain)).seconds / DRAIN_COUNT * 1e6;
  for (const depth of DEPTHS) {
    progress(`growth, ${depth} emails in the queue, ${components}`);
    await queues.purge();
    const fill: PublishCommand = {
      exchange: EXCHANGE,
      routingKey: ROUTING_KEY,
      count: depth,
      outstanding: 256,
    };
    await publisher.call(fill);
    acceptMicroseconds.push(await medianOf(accept));
    await sink.call({ kind: "hold" } satisfies SinkCommand);
    await using emailer = new ServiceProcess("emailer", { environment });
    await emailer.ready();
    deliverMicroseconds.push(await medianOf(deliver));
  }
  await queues.purge();
  return [
    ...relativeRows("depth.accept", "accepted, queue of", components, DEPTHS, acceptMicroseconds),
    ...relativeRows(
      "depth.deliver",
      "delivered, queue of",
      components,
      DEPTHS,
      deliverMicroseconds,
    ),
  ];
}

/** Cost per mail at a size of the archive, in relation to that of a small one. */
async function measureArchiveSizes(
  { backing, progress }: BenchContext,
): Promise<readonly Row[]> {
  const { components } = backing;
  await using resources = new AsyncDisposableStack();
  const mongodbUrl = `${backing.mongodbUrl}/bench-${crypto.randomUUID()}`;
  const mongo = resources.adopt(new MongoClient(mongodbUrl), (client) => client.close());
  const database = mongo.db(new URL(mongodbUrl).pathname.slice(1));
  resources.defer(async () => {
    await database.dropDatabase();
  });
  const collector = resources.use(await BenchProcess.start("collector_sink"));
  const inbox = resources.use(await BenchProcess.start("fake_inbox"));
  const environment = pollerEnvironment(mongodbUrl, collector.addresses.url, inbox);
  const poller = resources.use(new ServiceProcess("mail-poller", { environment }));
  await poller.ready();
  const archive = async () => {
    const fill: InboxCommand = {
      kind: "fill",
      count: ARCHIVE_SAMPLE_COUNT,
      sizeBytes: MAIL_BYTES,
      token: POLLER_TOKEN,
    };
    await inbox.call(fill);
    const drained: InboxCommand = { kind: "drained" };
    const { seconds } = await inbox.call<InboxDrainResult>(drained);
    return seconds / ARCHIVE_SAMPLE_COUNT * 1e6;
  };
  await archive();
  const collection = database.collection(COLLECTION);
  const microseconds: number[] = [];
  for (const size of ARCHIVE_SIZES) {
    progress(`growth, ${size} mails in the archive, ${components}`);
    for (let present = await collection.countDocuments(); present < size; present += BATCH) {
      await collection.insertMany(
        Array.from({ length: Math.min(BATCH, size - present) }, () => ({
          messageId: crypto.randomUUID(),
          text: "x".repeat(MAIL_BYTES),
        })),
      );
    }
    microseconds.push(await medianOf(archive));
  }
  return relativeRows("archive", "archived, archive of", components, ARCHIVE_SIZES, microseconds);
}

/** The services' memory, while many emails pass them. */
async function measureMemory(
  { backing: { amqpUrl, components }, progress }: BenchContext,
): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const { queues, generator, sink, server, environment } = await startSending(amqpUrl, resources);
  const emailer = resources.use(new ServiceProcess("emailer", { environment }));
  await emailer.ready();
  const services = { "message-server": server, emailer };
  const megabytes: Record<keyof typeof services, number[]> = { "message-server": [], emailer: [] };
  const step: LoadCommand = {
    url: server.url,
    connections: 16,
    count: SOAK_COUNT / SOAK_STEPS,
  };
  for (let index = 1; index <= SOAK_STEPS; index++) {
    progress(`growth, memory after ${index * step.count} emails, ${components}`);
    const drained = sink.call({ kind: "drain", count: step.count } satisfies SinkCommand);
    await generator.call<LoadResult>(step);
    await drained;
    for (const [name, samples] of entries(megabytes)) {
      samples.push(await residentBytes(services[name].pid) / 1e6);
    }
  }
  await waitFor("the queue is empty", async () => await queues.depth() === 0);
  return entries(megabytes).map(([name, samples]) => {
    // The first half warms up. The most of each half: V8 lets its heap grow and tidies up in turn.
    const most = (part: readonly number[]) => Math.max(...part);
    const growth = most(samples.slice(SOAK_STEPS / 2)) / most(samples.slice(0, SOAK_STEPS / 2));
    return figureRow(
      {
        id: `growth.memory.${name}.${components}`,
        what:
          `Growth: most memory of the ${name} in the second half of ${SOAK_COUNT} emails, to the first`,
        components,
        goal: { atMost: FLAT },
        detail: `${samples.map((value) => value.toFixed(0)).join(", ")} MB`,
      },
      "×",
      [growth],
    );
  });
}

async function startSending(amqpUrl: string, resources: AsyncDisposableStack) {
  const start = async (name: string, settings: object = {}) =>
    resources.use(await BenchProcess.start(name, settings));
  const queues = resources.use(await BenchQueues.open(amqpUrl));
  const collector = await start("collector_sink");
  const sink = await start("smtp_sink");
  const environment = emailerEnvironment(amqpUrl, collector.addresses.url, sink);
  const server = resources.use(new ServiceProcess("message-server", { environment }));
  await server.ready();
  return {
    queues,
    sink,
    server,
    environment,
    publisher: await start("raw_publisher", { amqpUrl }),
    generator: await start("load_generator"),
  };
}

function relativeRows(
  id: string,
  what: string,
  components: Row["components"],
  sizes: readonly number[],
  microseconds: readonly number[],
): readonly Row[] {
  return sizes.map((size, index) =>
    figureRow(
      {
        id: `growth.${id}.${size}.${components}`,
        what: `Growth: cost of an email ${what} ${size.toLocaleString("en-US")}`,
        components,
        ...(index === 0 ? {} : { goal: { atMost: FLAT } }),
        detail: `${(microseconds[index] ?? NaN).toFixed(0)} µs`,
      },
      "×",
      [(microseconds[index] ?? NaN) / (microseconds[0] ?? NaN)],
    )
  );
}

function entries<Key extends string, Value>(
  record: Readonly<Record<Key, Value>>,
): readonly (readonly [Key, Value])[] {
  return Object.entries(record) as [Key, Value][];
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const samples: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) samples.push(await measure());
  return quantile(samples, 0.5);
}

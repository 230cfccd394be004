/**
 * `deno run -A tests/bench/profile.ts`: tells where the processor time of an email goes, in each service.
 *
 * A service runs with V8's profiler while it handles emails as in the bench. The profile's time is divided among the parts whose
 * modules spent it (`profile_parts.ts`), in proportion the whole processor time: what runs beside JavaScript does so for it.
 *
 * @module
 */
import { Argument } from "@commander-js/extra-typings";
import { join } from "node:path";
import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import { stopRequested } from "@playground/shared/lifecycle";
import { permissionFlags, type ServiceName, SERVICES } from "@playground/tasks/system";
import { taskCommandLine } from "@playground/tasks/terminal";
import { ServiceProcess } from "../fixture/service_process.ts";
import { realBacking, standInBacking, startStandIns } from "./backing.ts";
import type { Backing } from "./context.ts";
import { processStarter, type StartProcess } from "./measure/bench_process.ts";
import { type CpuProfile, timeByPart } from "./measure/cpu_profile.ts";
import { processorSeconds } from "./measure/process_figures.ts";
import { BenchQueues } from "./measure/queues.ts";
import { pollerEnvironment } from "./paths/archive.ts";
import { emailerEnvironment } from "./paths/deliver.ts";
import type { InboxCommand } from "./processes/fake_inbox.ts";
import type { LoadCommand } from "./processes/load_generator.ts";
import type { PublishCommand } from "./processes/raw_publisher.ts";
import type { SinkCommand } from "./processes/smtp_sink.ts";
import { partOfModule } from "./profile_parts.ts";

/** A service with something to do. */
interface Work {
  readonly service: ServiceName;
  readonly environment: Readonly<Record<string, string>>;
  /** How many emails {@linkcode work} is about. */
  readonly count: number;
  /** Has the service handle so many emails. */
  readonly work: (service: ServiceProcess) => Promise<void>;
}

type Prepare = (backing: Backing, start: StartProcess, queues: BenchQueues) => Promise<Work>;

const WORKS: Readonly<Record<string, Prepare>> = {
  accept,
  deliver,
  archive: archive({ count: 2_000, sizeBytes: 5_000 }),
  "archive-large": archive({ count: 40, sizeBytes: 5_000_000 }),
};
const EXIT_INTERRUPTED = 130;
const SMALL_SHARE = 0.01;
const WARM_UP_ROUNDS = 2;

const commandLine = taskCommandLine(
  "bench",
  "Shows where the processor time of an email goes, in each service.",
)
  .name("deno run -A tests/bench/profile.ts")
  .addArgument(
    new Argument("[work...]", "what to profile (default: all)").choices(Object.keys(WORKS)),
  )
  .option(
    "--keep <folder>",
    "keep the profiles there; Chromium's developer tools show them",
  )
  .addHelpText(
    "after",
    `
TEST_AMQP_URL, TEST_MONGODB_URL and TEST_ZIPKIN_URL name the real components; without all of them the stand-ins are
used. Nothing else may use them meanwhile.`,
  );

Deno.exitCode = await main();

async function main(): Promise<number> {
  commandLine.parse(Deno.args, { from: "user" });
  const [works] = commandLine.processedArgs;
  const { keep } = commandLine.opts();
  await using resources = new AsyncDisposableStack();
  const stop = new AbortController();
  stopRequested().then(() => stop.abort());
  const start = processStarter(resources, stop.signal);
  const backing = realBacking(Deno.env.toObject()) ??
    standInBacking(resources.use(await startStandIns(["zipkin", "amqp", "mongodb"])));
  const queues = resources.use(await BenchQueues.open(backing.amqpUrl));
  for (const [name, prepare] of Object.entries(WORKS)) {
    if (works.length > 0 && !works.includes(name)) continue;
    const directory = keep ?? await Deno.makeTempDir();
    try {
      await profile(name, await prepare(backing, start, queues), directory);
    } catch (error) {
      if (stop.signal.aborted) return EXIT_INTERRUPTED;
      throw error;
    } finally {
      if (keep === undefined) await Deno.remove(directory, { recursive: true });
    }
  }
  return 0;
}

async function accept(
  { amqpUrl }: Backing,
  start: StartProcess,
  queues: BenchQueues,
): Promise<Work> {
  const collector = await start("collector_sink");
  const generator = await start("load_generator");
  const count = 10_000;
  return {
    service: "message-server",
    environment: { AMQP_URL: amqpUrl, ZIPKIN_URL: collector.addresses.url },
    count,
    async work({ url }) {
      await generator.call({ url, connections: 64, count } satisfies LoadCommand);
      await queues.purge();
    },
  };
}

async function deliver({ amqpUrl }: Backing, start: StartProcess): Promise<Work> {
  const collector = await start("collector_sink");
  const sink = await start("smtp_sink");
  const publisher = await start("raw_publisher", { amqpUrl });
  const count = 5_000;
  const publish: PublishCommand = {
    exchange: EXCHANGE,
    routingKey: ROUTING_KEY,
    count,
    outstanding: 64,
  };
  return {
    service: "emailer",
    environment: emailerEnvironment(amqpUrl, collector.addresses.url, sink),
    count,
    async work() {
      const drained = sink.call({ kind: "drain", count } satisfies SinkCommand);
      await Promise.all([publisher.call(publish), drained]);
    },
  };
}

function archive(mails: { readonly count: number; readonly sizeBytes: number }): Prepare {
  return async ({ mongodbUrl }, start) => {
    const collector = await start("collector_sink");
    const inbox = await start("fake_inbox");
    const url = `${mongodbUrl}/bench-${crypto.randomUUID()}`;
    const token = "profile";
    return {
      service: "mail-poller",
      environment: pollerEnvironment(url, collector.addresses.url, inbox, token),
      count: mails.count,
      async work() {
        await inbox.call({ kind: "fill", ...mails, token } satisfies InboxCommand);
        await inbox.call({ kind: "drained" } satisfies InboxCommand);
      },
    };
  };
}

async function profile(
  title: string,
  { service: name, environment, count, work }: Work,
  directory: string,
): Promise<void> {
  const fileName = `${title}.cpuprofile`;
  const path = join(directory, fileName);
  let microseconds = 0;
  {
    await using service = new ServiceProcess(name, {
      environment,
      args: (name, environment) => [
        "run",
        "--cpu-prof",
        `--cpu-prof-dir=${directory}`,
        `--cpu-prof-name=${fileName}`,
        ...permissionFlags(name, environment),
        SERVICES[name].entryPoint,
      ],
    });
    await service.ready();
    for (let round = 0; round < WARM_UP_ROUNDS; round++) await work(service);
    const before = await processorSeconds(service.pid);
    await work(service);
    microseconds = (await processorSeconds(service.pid) - before) / count * 1e6;
  }
  print(`${title} (${name})`, microseconds, JSON.parse(await Deno.readTextFile(path)));
}

function print(title: string, microseconds: number, profile: CpuProfile): void {
  console.log(`\n${title}: ${microseconds.toFixed(0)} µs an email`);
  for (const { part, share } of timeByPart(profile, partOfModule)) {
    if (share < SMALL_SHARE) continue;
    const percent = `${(share * 100).toFixed(0)} %`.padStart(5);
    console.log(
      `  ${part.padEnd(20)} ${percent} ${(share * microseconds).toFixed(0).padStart(5)} µs`,
    );
  }
}

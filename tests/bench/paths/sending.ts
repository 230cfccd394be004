import type { BenchContext } from "../context.ts";
import type { LoadOptions, LoadResult } from "../load/generator.ts";
import { startCollectorSink, startSmtpSink } from "../load/sinks.ts";
import { processStarter } from "../measure/bench_process.ts";
import { openQueues } from "../measure/queues.ts";
import type { BareEmailerCommand, BareEmailerSettings } from "../processes/bare_emailer.ts";
import type { PublishCommand } from "../processes/bare_server.ts";

export const CONCURRENCY = 64;
const CONNECTIONS = 4;

/** Starts the surroundings of the message server and the emailer, and bare libraries in place of either. */
export async function startSending(
  { backing: { amqpUrl }, signal }: Pick<BenchContext, "backing" | "signal">,
  resources: AsyncDisposableStack,
) {
  const start = processStarter(resources, signal);
  const queues = await openQueues(amqpUrl, resources);
  const generator = await start("load_generator", {});
  const sink = await startSmtpSink(resources, signal);
  const bareServer = await start("bare_server", { amqpUrl });
  const settings = { amqpUrl, smtpPort: sink.port, connections: CONNECTIONS };
  const bareEmailer = await start("bare_emailer", settings satisfies BareEmailerSettings);
  return {
    start,
    queues,
    sink,
    bareServer,
    bareEmailer,
    bareEmail: (command: BareEmailerCommand) => bareEmailer.call(command),
    /** Publishes with amqplib alone; returns how long it took, in seconds. */
    publish: (count: number) => bareServer.call<number>({ count } satisfies PublishCommand),
    post: (options: Omit<LoadOptions, "concurrency"> & Partial<LoadOptions>) =>
      generator.call<LoadResult>({ concurrency: CONCURRENCY, ...options } satisfies LoadOptions),
    environment: {
      AMQP_URL: amqpUrl,
      ZIPKIN_URL: startCollectorSink(resources).url,
      SMTP_HOST: "127.0.0.1",
      SMTP_PORT: String(sink.port),
      SMTP_TLS: "none",
      SMTP_CONNECTIONS: String(CONNECTIONS),
      MAILTRAP_USER: "user",
      MAILTRAP_PASSWORD: "password",
    },
  };
}

export type Sending = Awaited<ReturnType<typeof startSending>>;

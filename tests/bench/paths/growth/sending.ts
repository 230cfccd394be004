import { ServiceProcess } from "../../../fixture/service_process.ts";
import type { BenchContext } from "../../context.ts";
import { processStarter } from "../../measure/bench_process.ts";
import { BenchQueues } from "../../measure/queues.ts";
import { emailerEnvironment } from "../deliver.ts";

/** Starts what sends emails, except for the emailer. */
export async function startSending(
  { backing: { amqpUrl }, signal }: BenchContext,
  resources: AsyncDisposableStack,
) {
  const start = processStarter(resources, signal);
  const queues = resources.use(await BenchQueues.open(amqpUrl));
  const collector = await start("collector_sink");
  const sink = await start("smtp_sink");
  const environment = emailerEnvironment(amqpUrl, collector.addresses.url, sink);
  const server = resources.use(new ServiceProcess("message-server", { environment }));
  await server.ready();
  return { queues, sink, server, environment, generator: await start("load_generator") };
}

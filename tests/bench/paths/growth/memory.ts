import { waitFor } from "@playground/shared/testing";
import { ServiceProcess } from "../../../fixture/service_process.ts";
import { startStandIns } from "../../backing.ts";
import type { BenchContext } from "../../context.ts";
import { processStarter } from "../../measure/bench_process.ts";
import { residentBytes } from "../../measure/process_figures.ts";
import type { LoadCommand, LoadResult } from "../../processes/load_generator.ts";
import type { SinkCommand } from "../../processes/smtp_sink.ts";
import { figureRow, type Row } from "../../row.ts";
import { startArchiving } from "./archiving.ts";
import { FLAT } from "./growth_row.ts";
import { startSending } from "./sending.ts";

const EMAIL_COUNT = 100_000;
const STEPS = 10;
const STEP_COUNT = EMAIL_COUNT / STEPS;
const MAIL_BYTES = 1_000;

/** Measures the services' memory, while many emails pass them. */
export async function measureMemory(context: BenchContext): Promise<readonly Row[]> {
  return [...await measureSending(context), ...await measurePolling(context)];
}

async function measureSending(context: BenchContext): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const { queues, generator, sink, server, environment } = await startSending(context, resources);
  const emailer = resources.use(new ServiceProcess("emailer", { environment }));
  await emailer.ready();
  const load: LoadCommand = { url: server.url, connections: 16, count: STEP_COUNT };
  const rows = await memoryRows(
    context,
    context.backing.components,
    [server, emailer],
    async () => {
      const drained = sink.call({ kind: "drain", count: STEP_COUNT } satisfies SinkCommand);
      await Promise.all([generator.call<LoadResult>(load), drained]);
    },
  );
  await waitFor("the queue is empty", async () => await queues.depth() === 0);
  return rows;
}

async function measurePolling(context: BenchContext): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const start = processStarter(resources, context.signal);
  const { poller, archive } = await startArchiving({
    mongodb: resources.use(await startStandIns(["mongodb"])),
    collector: await start("collector_sink"),
    inbox: await start("fake_inbox"),
    token: "memory",
  }, resources);
  return await memoryRows(context, "stand-ins", [poller], async () => {
    await archive(STEP_COUNT, MAIL_BYTES);
  });
}

/** Has so many emails pass, step by step, and looks at the services' memory after each. */
async function memoryRows(
  { progress }: BenchContext,
  components: Row["components"],
  services: readonly ServiceProcess[],
  step: () => Promise<void>,
): Promise<readonly Row[]> {
  const names = services.map(({ name }) => name).join(" and ");
  const megabytes = services.map((): number[] => []);
  for (let done = 0; done < STEPS; done++) {
    progress(`growth, memory of ${names}, ${done * STEP_COUNT} of ${EMAIL_COUNT}, ${components}`);
    await step();
    for (const [index, { pid }] of services.entries()) {
      megabytes[index]?.push(await residentBytes(pid) / 1e6);
    }
  }
  return services.map(({ name }, index) => memoryRow(name, megabytes[index] ?? [], components));
}

function memoryRow(
  name: string,
  megabytes: readonly number[],
  components: Row["components"],
): Row {
  // The first half warms up. The most of each half: V8 lets its heap grow and tidies up in turn.
  const most = (part: readonly number[]) => Math.max(...part);
  return figureRow(
    {
      id: `growth.memory.${name}.${components}`,
      what:
        `Growth: most memory of the ${name} in the second half of ${EMAIL_COUNT} emails, to the first`,
      components,
      goal: { atMost: FLAT },
      detail: `${megabytes.map((value) => value.toFixed(0)).join(", ")} MB`,
    },
    "×",
    [most(megabytes.slice(STEPS / 2)) / most(megabytes.slice(0, STEPS / 2))],
  );
}

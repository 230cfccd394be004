import { waitFor } from "@playground/shared/testing";
import { residentBytes } from "../../fixture/process_memory.ts";
import type { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../backing.ts";
import { startService } from "../measure/bench_process.ts";
import { figureRow, type Row, rowNames } from "../row.ts";
import { FLAT } from "./growth.ts";
import { startEmbeddedPolling } from "./polling.ts";
import { startSending } from "./sending.ts";

const EMAIL_COUNT = 100_000;
const STEPS = 10;
const STEP_COUNT = EMAIL_COUNT / STEPS;
const MAIL_BYTES = 1_000;

/** Memory: whether the services hold more of it the more emails have passed them. */
export async function measureMemory(context: BenchContext): Promise<readonly Row[]> {
  return [...await measureSending(context), ...await measurePolling(context)];
}

async function measureSending(context: BenchContext): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const { queues, sink, post, environment } = await startSending(context, resources);
  const server = await startService("message-server", environment, resources);
  const emailer = await startService("emailer", environment, resources);
  const load = { url: server.url, concurrency: 16, count: STEP_COUNT };
  const { components } = context.backing;
  const rows = await memoryRows(context, components, [server, emailer], async () => {
    await Promise.all([post(load), sink.drain(STEP_COUNT)]);
  });
  await waitFor("the queue is empty", async () => await queues.depth() === 0);
  return rows;
}

async function measurePolling(context: BenchContext): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const { startPoller } = await startEmbeddedPolling(context, resources);
  const { poller, archive } = await startPoller("memory");
  return await memoryRows(context, "stand-ins", [poller], () => archive(STEP_COUNT, MAIL_BYTES));
}

/** Has so many emails pass, step by step, and looks at the services' memory after each. */
async function memoryRows(
  { progress }: BenchContext,
  components: Row["components"],
  services: readonly ServiceProcess[],
  step: () => Promise<unknown>,
): Promise<readonly Row[]> {
  const names = services.map(({ name }) => name).join(" and ");
  const measured = services.map(({ name, pid }) => ({ name, pid, megabytes: [] as number[] }));
  for (let done = 0; done < STEPS; done++) {
    progress(`memory of ${names}, ${done * STEP_COUNT} of ${EMAIL_COUNT}, ${components}`);
    await step();
    for (const { pid, megabytes } of measured) megabytes.push(await residentBytes(pid) / 1e6);
  }
  return measured.map(({ name, megabytes }) => {
    // The first half warms up. The most of each half: V8 lets its heap grow and tidies up in turn.
    const most = (part: readonly number[]) => Math.max(...part);
    const what =
      `most memory of the ${name} in the second half of ${EMAIL_COUNT} emails, to the first`;
    const detail = `${megabytes.map((value) => value.toFixed(0)).join(", ")} MB`;
    return figureRow(
      rowNames("growth", "Growth", components)(`memory.${name}`, what, { goal: FLAT, detail }),
      "×",
      [most(megabytes.slice(STEPS / 2)) / most(megabytes.slice(0, STEPS / 2))],
    );
  });
}

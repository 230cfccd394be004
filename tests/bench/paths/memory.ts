import { waitFor } from "@playground/shared/testing";
import { residentBytes } from "../../fixture/process_memory.ts";
import type { BenchContext } from "../context.ts";
import { startService } from "../measure/bench_process.ts";
import { type Row, rowsOf } from "../row.ts";
import { FLAT } from "./growth.ts";
import { startEmbeddedPolling } from "./polling.ts";
import { startSending } from "./sending.ts";

const EMAIL_COUNT = 100_000;
const STEPS = 10;
const STEP_COUNT = EMAIL_COUNT / STEPS;
const MAIL_BYTES = 1_000;

/** Memory: whether the services hold more after more emails, and how much a bare route holds. */
export async function measureMemory(context: BenchContext): Promise<readonly Row[]> {
  return [...await measureSending(context), ...await measurePolling(context)];
}

async function measureSending(context: BenchContext): Promise<readonly Row[]> {
  const { components } = context.backing;
  await using resources = new AsyncDisposableStack();
  const { queues, sink, post, bareServer, environment } = await startSending(context, resources);
  const server = await startService("message-server", environment, resources);
  const emailer = await startService("emailer", environment, resources);
  const postTo = ({ url }: { readonly url: string }) =>
    post({ url, concurrency: 16, count: STEP_COUNT });
  const [ofServer, ofEmailer] = await megabytesOf(context, [server, emailer], async () => {
    await Promise.all([postTo(server), sink.drain(STEP_COUNT)]);
  });
  await waitFor("the queue is empty", async () => await queues.depth() === 0);
  await queues.use("spare");
  const [ofBare] = await megabytesOf(context, [{ name: "bare route", ...bareServer }], async () => {
    await postTo(bareServer);
    await queues.purge();
  });
  const row = rowsOf("growth", "Growth", components);
  return [
    growthRow("message-server", components, ofServer),
    growthRow("emailer", components, ofEmailer),
    row(
      "memory.bare",
      `memory of the message-server after ${EMAIL_COUNT} emails, to the bare route's`,
      {
        unit: "×",
        samples: [mostOfEnd(ofServer) / mostOfEnd(ofBare)],
        goal: { atMost: 1.2 },
        detail: `bare ${listed(ofBare)}`,
      },
    ),
  ];
}

async function measurePolling(context: BenchContext): Promise<readonly Row[]> {
  await using resources = new AsyncDisposableStack();
  const { startPoller } = await startEmbeddedPolling(context, resources);
  const { poller, archive } = await startPoller("memory");
  const [ofPoller] = await megabytesOf(context, [poller], () => archive(STEP_COUNT, MAIL_BYTES));
  return [growthRow("mail-poller", "stand-ins", ofPoller)];
}

async function megabytesOf(
  { progress }: BenchContext,
  processes: readonly { readonly name: string; readonly pid: number }[],
  step: () => Promise<unknown>,
): Promise<readonly (readonly number[])[]> {
  const measured = processes.map(({ name, pid }) => ({ name, pid, megabytes: [] as number[] }));
  const names = measured.map(({ name }) => name).join(" and ");
  for (let done = 0; done < STEPS; done++) {
    progress(`memory of ${names}, ${done * STEP_COUNT} of ${EMAIL_COUNT}`);
    await step();
    for (const { pid, megabytes } of measured) megabytes.push(await residentBytes(pid) / 1e6);
  }
  return measured.map(({ megabytes }) => megabytes);
}

/** The maximum of the second half: the first half warms up, and V8's heap grows and shrinks. */
const mostOfEnd = (megabytes: readonly number[] = []) => Math.max(...megabytes.slice(STEPS / 2));
const listed = (megabytes: readonly number[] = []) =>
  `${megabytes.map((value) => value.toFixed(0)).join(", ")} MB`;

function growthRow(
  name: string,
  components: Row["components"],
  megabytes: readonly number[] = [],
): Row {
  return rowsOf("growth", "Growth", components)(
    `memory.${name}`,
    `most memory of the ${name} in the second half of ${EMAIL_COUNT} emails, to the first`,
    {
      unit: "×",
      samples: [mostOfEnd(megabytes) / Math.max(...megabytes.slice(0, STEPS / 2))],
      goal: FLAT,
      detail: listed(megabytes),
    },
  );
}

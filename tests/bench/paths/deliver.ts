import { waitFor } from "@playground/shared/testing";
import type { BenchContext } from "../context.ts";
import { startService } from "../measure/bench_process.ts";
import { meter } from "../measure/process_figures.ts";
import { QUEUES } from "../measure/queues.ts";
import { interleave } from "../measure/samples.ts";
import { processorRatio, rateRatio, type Row, rowsOf } from "../row.ts";
import { startSending } from "./sending.ts";

/** Deliver: how fast the emailer empties the queue into a mail server that keeps nothing, beside bare amqplib and nodemailer. */
export async function measureDeliver(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { components }, isShort, rounds, progress, profileDirectory } = context;
  progress(`deliver, ${components}`);
  const count = isShort ? 1_000 : 5_000;
  await using resources = new AsyncDisposableStack();
  const sending = await startSending(context, resources);
  const { queues, sink, publish, bareEmailer, bareEmail, environment } = sending;
  const emailer = await startService("emailer", environment, resources, profileDirectory);
  const fill = async (queue: keyof typeof QUEUES) => {
    await queues.use(queue);
    sink.hold();
    await publish(count);
  };
  const empty = async () => {
    const seconds = await sink.drain(count);
    await waitFor("the queue is empty", async () => await queues.depth() === 0);
    return seconds;
  };
  const { ours, both } = await interleave({
    ours: async () => {
      await fill("own");
      return await meter(emailer.pid, count, empty);
    },
    both: async () => {
      await fill("spare");
      return await meter(bareEmailer.pid, count, async () => {
        await bareEmail({ queue: QUEUES.spare });
        const seconds = await empty();
        await bareEmail({});
        return seconds;
      });
    },
  }, rounds);
  const row = rowsOf("deliver", "Deliver", components);
  const what =
    `${count} queued emails, against bare amqplib that consumes and nodemailer that sends`;
  return [
    row("same-work", what, { ...rateRatio(ours, both, "both in one"), goal: { atLeast: 0.85 } }),
    row("processor", "processor time, against both in one process", processorRatio(ours, both)),
  ];
}

import { waitFor } from "@playground/shared/testing";
import type { BenchContext } from "../backing.ts";
import { startService } from "../measure/bench_process.ts";
import { interleave } from "../measure/samples.ts";
import { meteredSide } from "../measure/process_figures.ts";
import { QUEUES } from "../measure/queues.ts";
import { processorRow, rateRow, type Row, rowNames } from "../row.ts";
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
    return count / seconds;
  };
  const ours = meteredSide("emailer", emailer.pid, count, () => fill("own"), empty);
  const both = meteredSide("both", bareEmailer.pid, count, () => fill("spare"), async () => {
    await bareEmail({ queue: QUEUES.spare });
    const rate = await empty();
    await bareEmail({});
    return rate;
  });
  const samples = await interleave([ours, both], rounds);
  const facts = rowNames("deliver", "Deliver", components);
  const what =
    `${count} queued emails, against bare amqplib that consumes and nodemailer that sends`;
  const sameWork = facts("same-work", what, { goal: { atLeast: 0.85 } });
  const processor = facts("processor", "processor time, against both in one process");
  return [
    rateRow(sameWork, samples.emailer, "both in one", samples.both),
    processorRow(processor, ours.microseconds, both.microseconds),
  ];
}

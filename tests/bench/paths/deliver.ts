import { waitFor } from "@playground/shared/testing";
import type { BenchContext } from "../backing.ts";
import { startService } from "../measure/bench_process.ts";
import { interleave } from "../measure/samples.ts";
import { meterProcessor } from "../measure/process_figures.ts";
import { QUEUES } from "../measure/queues.ts";
import { processorRow, rateRow, type Row, rowNames } from "../row.ts";
import { CONNECTIONS, type Sending, startSending } from "./sending.ts";

/**
 * Deliver: how fast the emailer empties the queue into a mail server that keeps nothing, beside nodemailer alone, and beside amqplib
 * and nodemailer in one process.
 */
export async function measureDeliver(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { components }, isShort, rounds, progress, profileDirectory } = context;
  progress(`deliver, ${components}`);
  const count = isShort ? 1_000 : 5_000;
  await using resources = new AsyncDisposableStack();
  const sending = await startSending(context, resources);
  const { sink, bareEmailer, bareEmail, environment } = sending;
  const emailer = await startService("emailer", environment, resources, profileDirectory);
  const microseconds: number[] = [];
  const bareMicroseconds: number[] = [];
  const samples = await interleave([
    {
      name: "emailer",
      run: async () => {
        await fill("own", count, sending);
        return await meterProcessor(emailer.pid, count, microseconds, () => empty(count, sending));
      },
    },
    {
      name: "nodemailer",
      run: async () => {
        const drained = sink.drain(count);
        await bareEmail({ kind: "send", count, concurrency: 2 * CONNECTIONS });
        return count / await drained;
      },
    },
    {
      name: "sameWork",
      run: async () => {
        await fill("spare", count, sending);
        return await meterProcessor(bareEmailer.pid, count, bareMicroseconds, async () => {
          await bareEmail({ kind: "consume", queue: QUEUES.spare });
          const rate = await empty(count, sending);
          await bareEmail({ kind: "cancel" });
          return rate;
        });
      },
    },
  ], rounds);
  const facts = rowNames("deliver", "Deliver", components);
  const { emailer: rates, nodemailer, sameWork } = samples;
  const ceiling = `${count} queued emails, against bare nodemailer`;
  const both = facts("same-work", "against bare amqplib that consumes and nodemailer that sends");
  const processor = facts("processor", "processor time, against both in one process");
  return [
    rateRow(
      facts("ceiling", ceiling, { goal: { atLeast: 0.85 } }),
      rates,
      "nodemailer",
      nodemailer,
    ),
    rateRow(both, rates, "both in one", sameWork),
    processorRow(processor, microseconds, bareMicroseconds),
  ];
}

async function fill(
  queue: keyof typeof QUEUES,
  count: number,
  { queues, sink, publish }: Sending,
) {
  await queues.use(queue);
  sink.hold();
  await publish(count);
}

async function empty(count: number, { queues, sink }: Sending): Promise<number> {
  const seconds = await sink.drain(count);
  await waitFor("the queue is empty", async () => await queues.depth() === 0);
  return count / seconds;
}

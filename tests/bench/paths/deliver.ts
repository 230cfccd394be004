import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import { waitFor } from "@playground/shared/testing";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../context.ts";
import { type BenchProcess, processStarter } from "../measure/bench_process.ts";
import { interleave } from "../measure/interleave.ts";
import { meterProcessor } from "../measure/process_figures.ts";
import { BenchQueues, QUEUES, type QueueType } from "../measure/queues.ts";
import type { PipelineCommand, PipelineSettings } from "../processes/bare_pipeline.ts";
import type { MailCommand, MailerSettings } from "../processes/raw_mailer.ts";
import type { PublishCommand } from "../processes/raw_publisher.ts";
import type { DrainResult, SinkCommand } from "../processes/smtp_sink.ts";
import { processorRow, ratioRow, type Row } from "../row.ts";
import { perSecond } from "../text.ts";

const CONNECTIONS = 4;
const PREFETCH = 2 * CONNECTIONS;

/** The settings of an emailer that delivers to the sink. */
export function emailerEnvironment(
  amqpUrl: string,
  zipkinUrl: string,
  sink: BenchProcess,
): Readonly<Record<string, string>> {
  return {
    AMQP_URL: amqpUrl,
    ZIPKIN_URL: zipkinUrl,
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(sink.addresses.port),
    SMTP_TLS: "none",
    SMTP_CONNECTIONS: String(CONNECTIONS),
    MAILTRAP_USER: "user",
    MAILTRAP_PASSWORD: "password",
  };
}

/**
 * Deliver: how fast the emailer empties the queue into a mail server that does as little as possible, beside nodemailer alone.
 */
export async function measureDeliver(
  { backing: { amqpUrl, components }, isShort, rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  progress(`deliver, ${components}`);
  const count = isShort ? 1_000 : 5_000;
  await using resources = new AsyncDisposableStack();
  const start = processStarter(resources, signal);
  const queues = resources.use(await BenchQueues.open(amqpUrl));
  const collector = await start("collector_sink");
  const sink = await start("smtp_sink");
  const publisher = await start("raw_publisher", { amqpUrl });
  const mailer = await start(
    "raw_mailer",
    { port: sink.addresses.port, connections: CONNECTIONS } satisfies MailerSettings,
  );
  const pipeline = await start(
    "bare_pipeline",
    { amqpUrl, port: sink.addresses.port, connections: CONNECTIONS } satisfies PipelineSettings,
  );
  const emailer = resources.use(
    new ServiceProcess("emailer", {
      environment: emailerEnvironment(amqpUrl, collector.addresses.url, sink),
    }),
  );
  await emailer.ready();

  const command = (command: SinkCommand) => sink.call<DrainResult>(command);
  const processorMicroseconds: number[] = [];
  const bareMicroseconds: number[] = [];
  /** Fills the queue while the mail server holds its mails back. */
  const fill = async (type: QueueType) => {
    await queues.use(type);
    await command({ kind: "hold" });
    const publish: PublishCommand = {
      exchange: EXCHANGE,
      routingKey: ROUTING_KEY,
      count,
      outstanding: 64,
    };
    await publisher.call(publish);
  };
  const drain = async () => {
    const { seconds } = await command({ kind: "drain", count });
    await waitFor("the queue is empty", async () => await queues.depth() === 0);
    return count / seconds;
  };
  const deliver = async () => {
    await fill("quorum");
    return await meterProcessor(emailer.pid, count, processorMicroseconds, drain);
  };
  const consume = async () => {
    await fill("spare");
    return await meterProcessor(pipeline.pid, count, bareMicroseconds, async () => {
      await pipeline.call({ queue: QUEUES.spare.name } satisfies PipelineCommand);
      const rate = await drain();
      await pipeline.call({} satisfies PipelineCommand);
      return rate;
    });
  };
  const send = async () => {
    const sent = command({ kind: "drain", count });
    const mails: MailCommand = { count, outstanding: PREFETCH };
    await mailer.call(mails);
    return count / (await sent).seconds;
  };
  const samples = await interleave([
    { name: "emailer", run: deliver },
    { name: "nodemailer", run: send },
    { name: "sameWork", run: consume },
  ], rounds);
  const facts = (id: string, what: string) => ({
    id: `deliver.${id}.${components}`,
    what: `Deliver: ${what}`,
    components,
  });
  return [
    ratioRow(
      {
        ...facts("ceiling", `${count} queued emails, against bare nodemailer`),
        goal: { atLeast: 0.85 },
        detail: `${perSecond(samples.emailer)}; nodemailer ${perSecond(samples.nodemailer)}`,
      },
      samples.emailer,
      samples.nodemailer,
    ),
    ratioRow(
      {
        ...facts("same-work", "against bare amqplib that consumes and nodemailer that sends"),
        detail: `${perSecond(samples.emailer)}; both in one ${perSecond(samples.sameWork)}`,
      },
      samples.emailer,
      samples.sameWork,
    ),
    processorRow(
      facts("processor", "processor time, against both in one process"),
      processorMicroseconds.slice(1),
      bareMicroseconds.slice(1),
    ),
  ];
}

import { QUEUE } from "@playground/shared/amqp";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../backing.ts";
import { startService } from "../measure/bench_process.ts";
import { formatNumber, quantile } from "../measure/samples.ts";
import { figureRow, type Row, rowNames } from "../row.ts";
import { startSending } from "./sending.ts";

const RATE_PER_SECOND = 100;

/**
 * Journey: how long an email takes from its POST until the mail server has accepted it, at a steady rate; beside the same hops
 * without anything of ours around them.
 */
export async function measureJourney(context: BenchContext): Promise<readonly Row[]> {
  const { backing: { components }, isShort, rounds, progress } = context;
  progress(`journey, ${components}`);
  await using resources = new AsyncDisposableStack();
  const { environment, bareServer, bareEmail, post, sink } = await startSending(context, resources);
  const server = await startService("message-server", environment, resources);
  const count = (isShort ? 2 : 6) * RATE_PER_SECOND;

  const travelTimesMs = async ({ url }: { readonly url: string }) => {
    const drained = sink.drain(count);
    const load = { url, count, ratePerSecond: RATE_PER_SECOND, isNumbered: true };
    const { postedAtMs } = await post(load);
    await drained;
    return sink.takeArrivals().map((arrivedAtMs, number) =>
      arrivedAtMs - (postedAtMs[number] ?? NaN)
    );
  };
  // Both take from one queue, so that each consumes in its own rounds only.
  const ours = async () => {
    await using emailer = new ServiceProcess("emailer", { environment });
    await emailer.ready();
    await travelTimesMs(server);
    return await travelTimesMs(server);
  };
  const bare = async () => {
    await bareEmail({ queue: QUEUE });
    const bareTimesMs = await travelTimesMs(bareServer);
    await bareEmail({});
    return bareTimesMs;
  };
  await bare();
  const timesMs: { readonly ours: readonly number[]; readonly bare: readonly number[] }[] = [];
  for (let round = 0; round < rounds; round++) {
    timesMs.push({ ours: await ours(), bare: await bare() });
  }
  const of = (side: "ours" | "bare", share: number) =>
    timesMs.map((round) => quantile(round[side], share));
  const bareHops = (share: number) =>
    `bare hops ${formatNumber(quantile(of("bare", share), 0.5))} ms`;
  const addedMs = timesMs.map(({ ours, bare }) => quantile(ours, 0.5) - quantile(bare, 0.5));
  const subject = `Journey from POST to the mail server at ${RATE_PER_SECOND} a second`;
  const facts = rowNames("journey", subject, components);
  const added = { goal: { atMost: 5 }, detail: bareHops(0.5) };
  return [
    figureRow(facts("added", "median beyond that of the bare hops", added), "ms", addedMs),
    figureRow(facts("p50", "median"), "ms", of("ours", 0.5)),
    figureRow(facts("p99", "p99", { detail: bareHops(0.99) }), "ms", of("ours", 0.99)),
  ];
}

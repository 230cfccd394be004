import { QUEUE } from "@playground/shared/amqp";
import { ServiceProcess } from "../../fixture/service_process.ts";
import type { BenchContext } from "../context.ts";
import { startService } from "../measure/bench_process.ts";
import { byRound, formatNumber, interleave, median, quantile } from "../measure/samples.ts";
import { type Row, rowsOf } from "../row.ts";
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
  const times = await interleave({
    ours: async () => {
      await using emailer = new ServiceProcess("emailer", { environment });
      await emailer.ready();
      await travelTimesMs(server);
      return await travelTimesMs(server);
    },
    bare: async () => {
      await bareEmail({ queue: QUEUE });
      const bareTimesMs = await travelTimesMs(bareServer);
      await bareEmail({});
      return bareTimesMs;
    },
  }, rounds);
  const of = (side: "ours" | "bare", share: number) =>
    times[side].map((timesMs) => quantile(timesMs, share));
  const bareHops = (share: number) => `bare hops ${formatNumber(median(of("bare", share)))} ms`;
  const subject = `Journey from POST to the mail server at ${RATE_PER_SECOND} a second`;
  const row = rowsOf("journey", subject, components);
  return [
    row("added", "median beyond that of the bare hops", {
      unit: "ms",
      samples: byRound(of("ours", 0.5), of("bare", 0.5), (ours, bare) => ours - bare),
      goal: { atMost: 5 },
      detail: bareHops(0.5),
    }),
    row("p50", "median", { unit: "ms", samples: of("ours", 0.5) }),
    row("p99", "p99", { unit: "ms", samples: of("ours", 0.99), detail: bareHops(0.99) }),
  ];
}

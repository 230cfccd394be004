import type { BenchContext } from "../context.ts";
import { processStarter } from "../measure/bench_process.ts";
import { interleave } from "../measure/interleave.ts";
import type { CollectedSpans } from "../processes/collector_sink.ts";
import type { SpanCommand, SpanResult, Stage } from "../processes/span_maker.ts";
import { figureRow, type Row } from "../row.ts";

/** The queue to the collector holds 8,192 spans: of so many none is lost, however fast they are made. */
const SPAN_COUNT = 6_400;

/** Tracing: what a span costs in processor time, and on the wire. */
export async function measureTracing(
  { rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  progress("tracing");
  await using resources = new AsyncDisposableStack();
  const start = processStarter(resources, signal);
  const collector = await start("collector_sink");
  const maker = await start("span_maker", { zipkinUrl: collector.addresses.url });
  const make = async (stage: Stage) => {
    const command: SpanCommand = { stage, count: SPAN_COUNT };
    return (await maker.call<SpanResult>(command)).microseconds;
  };
  const bytesPerSpan: number[] = [];
  const samples = await interleave([
    { name: "nothing", run: () => make("nothing") },
    { name: "unsampled", run: () => make("unsampled") },
    { name: "created", run: () => make("created") },
    { name: "propagated", run: () => make("propagated") },
    {
      name: "exported",
      run: async () => {
        await collector.call({});
        const microseconds = await make("exported");
        bytesPerSpan.push((await collector.call<CollectedSpans>({})).bytes / SPAN_COUNT);
        return microseconds;
      },
    },
  ], rounds);
  const beyond = (name: Stage, base: Stage) =>
    samples[name].map((microseconds, round) => microseconds - (samples[base][round] ?? NaN));
  const facts = (id: string, what: string) => ({
    id: `tracing.${id}`,
    what: `Tracing: ${what}`,
    components: "-" as const,
  });
  return [
    figureRow(
      facts("created", "processor time to create a span"),
      "µs",
      beyond("created", "nothing"),
    ),
    figureRow(
      facts("propagated", "… to also read its parent from headers and write its own"),
      "µs",
      beyond("propagated", "created"),
    ),
    figureRow(
      facts("exported", "… to also send it to the collector"),
      "µs",
      beyond("exported", "propagated"),
    ),
    figureRow(
      facts("unsampled", "processor time with an unsampled parent, headers included"),
      "µs",
      beyond("unsampled", "nothing"),
    ),
    figureRow(facts("bytes", "size of a span on the wire"), "bytes", bytesPerSpan),
  ];
}

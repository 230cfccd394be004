import type { BenchContext } from "../backing.ts";
import { startCollectorSink } from "../load/sinks.ts";
import { processStarter } from "../measure/bench_process.ts";
import { interleave } from "../measure/samples.ts";
import type { SpanCommand, SpanResult, Stage } from "../processes/span_maker.ts";
import { figureRow, type Row, rowNames } from "../row.ts";

/** The queue to the collector holds 8,192 spans: of so many none is lost, however fast they are made. */
const SPAN_COUNT = 6_400;

/** Tracing: what a span costs in processor time, and on the wire. */
export async function measureTracing(
  { rounds, signal, progress }: BenchContext,
): Promise<readonly Row[]> {
  progress("tracing");
  await using resources = new AsyncDisposableStack();
  const collector = startCollectorSink(resources);
  const settings = { zipkinUrl: collector.url };
  const maker = await processStarter(resources, signal)("span_maker", settings);
  const bytesPerSpan: number[] = [];
  const side = <Name extends Stage>(stage: Name) => ({
    name: stage,
    run: async () => {
      const before = collector.byteCount();
      const command: SpanCommand = { stage, count: SPAN_COUNT };
      const { microseconds } = await maker.call<SpanResult>(command);
      const byteCount = collector.byteCount() - before;
      if (byteCount > 0) bytesPerSpan.push(byteCount / SPAN_COUNT);
      return microseconds;
    },
  });
  const samples = await interleave([
    side("nothing"),
    side("unsampled"),
    side("created"),
    side("propagated"),
    side("exported"),
  ], rounds);
  const facts = rowNames("tracing", "Tracing", "-");
  const beyond = (stage: Stage, base: Stage, what: string) =>
    figureRow(
      facts(stage, what),
      "µs",
      samples[stage].map((microseconds, round) => microseconds - (samples[base][round] ?? NaN)),
    );
  const unsampled = "processor time with an unsampled parent, headers included";
  return [
    beyond("created", "nothing", "processor time to create a span"),
    beyond("propagated", "created", "… to also read its parent from headers and write its own"),
    beyond("exported", "propagated", "… to also send it to the collector"),
    beyond("unsampled", "nothing", unsampled),
    figureRow(facts("bytes", "size of a span on the wire"), "bytes", bytesPerSpan),
  ];
}
